//! What is written: events, and how many rows of anything.

use super::World;
use domain::event::EventKind;
use store::events::Filter;

impl World {
    /// The names of all events about an object, in order.
    pub async fn events_of(&self, object: impl ToString) -> Vec<&'static str> {
        let events = store::events::about(&self.app, &object.to_string())
            .await
            .unwrap();
        events.iter().map(|event| event.kind.as_str()).collect()
    }

    pub async fn count(&self, kind: EventKind) -> usize {
        let filter = Filter {
            kind: Some(kind.as_str().to_owned()),
            ..Filter::default()
        };
        store::events::list(&self.app, &filter, 1_000)
            .await
            .unwrap()
            .len()
    }

    /// Rows of everything that a use case can write, as (table, rows).
    pub async fn rows(&self) -> Vec<(String, i64)> {
        sqlx::query!(
            r#"SELECT t.name AS "name!", (xpath('/row/c/text()', query_to_xml(
                   format('SELECT count(*) AS c FROM %I', t.name), false, true, '')))[1]::text::bigint AS "rows!"
               FROM unnest(ARRAY['access_requests', 'break_glass_spells', 'budget_charges', 'bulk_acts', 'clients', 'comments',
                   'delegations', 'deliveries',
                   'enforcements', 'escalations', 'events', 'grants', 'idempotency_keys', 'ledger_pending', 'notice_endpoints',
                   'notice_preferences', 'notices', 'notices_told', 'opt_out_revisions', 'opt_outs', 'policy_versions',
                   'post_reviews', 'principals', 'roles_seen', 'sent_forms', 'signal_alarms', 'signals',
                   'undecidable_items', 'votes']) AS t (name)"#
        )
        .fetch_all(&self.app)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.name, row.rows))
        .collect()
    }
}
