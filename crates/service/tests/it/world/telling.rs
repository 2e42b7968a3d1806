//! Who is told what, and what goes out.

use super::World;
use super::people::administrator;
use domain::id::{DeliveryId, EndpointId};
use domain::name::PersonId;
use domain::notice::{EndpointKind, NoticePreferences};
use service::ServiceError;
use service::caller::PersonCaller;
use service::notices::{Attempted, Claimed, EndpointInput, PreferencesInput, Room};

/// Something to register.
pub fn endpoint(kind: EndpointKind, name: &str, channel: &str) -> EndpointInput {
    EndpointInput {
        kind,
        name: name.to_owned(),
        channel: channel.to_owned(),
        address: format!("https://hooks.example.com/{}", kind.as_str()),
    }
}

/// Room for so many, whichever way they go.
pub fn room(most: i64) -> Room {
    Room {
        most,
        per_lane: 1_000,
    }
}

impl World {
    /// What everybody has been told and has not read, as "bob.okafor: stage_reached"; it is read by that.
    pub async fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        for person in self.persons() {
            let notices = store::notices::list(&self.app, &person, None, 100).await.unwrap();
            for one in notices.iter().rev().filter(|one| one.read_at.is_none()) {
                told.push(format!("{person}: {}", one.notice.kind.as_str()));
                assert!(
                    store::notices::mark_read(&self.app, &person, one.id, self.now())
                        .await
                        .unwrap()
                );
            }
        }
        told.sort();
        told
    }

    /// The same of one person, as sentences.
    pub async fn reads(&self, person: &str) -> Vec<String> {
        let person = PersonId::new(person).unwrap();
        let notices = store::notices::list(&self.app, &person, None, 100).await.unwrap();
        notices
            .iter()
            .rev()
            .map(|one| one.notice.headline(str::to_owned))
            .collect()
    }

    fn persons(&self) -> Vec<PersonId> {
        let loaded = self.service.snapshots().current();
        loaded.directory().persons().map(|(person, _)| person).collect()
    }

    /// Registers an endpoint.
    pub async fn endpoint(&self, kind: EndpointKind, channel: &str) -> EndpointId {
        let name = format!("{} {channel}", kind.as_str());
        self.service
            .register_endpoint(&administrator("petra.lindqvist"), &endpoint(kind, &name, channel))
            .await
            .unwrap()
    }

    /// Sets how somebody is told.
    pub async fn sets(
        &self,
        caller: &PersonCaller,
        mail: &str,
        quiet_from: &str,
        quiet_until: &str,
    ) -> Result<NoticePreferences, ServiceError> {
        let input = PreferencesInput {
            mail: mail.to_owned(),
            digest_at: "08:00".to_owned(),
            quiet_from: quiet_from.to_owned(),
            quiet_until: quiet_until.to_owned(),
            zone: "Europe/Berlin".to_owned(),
        };
        self.service.set_notice_preferences(caller, &input).await
    }

    /// Takes all that is due.
    pub async fn due(&self) -> Vec<Claimed> {
        self.service.claim_deliveries(room(1_000)).await.unwrap()
    }

    pub async fn settles(&self, claimed: &Claimed, how: Attempted) {
        self.service
            .settle_delivery(claimed.id, claimed.attempt, how)
            .await
            .unwrap();
    }

    /// All that is due arrives; how much that was.
    pub async fn everything_arrives(&self) -> usize {
        let due = self.due().await;
        for claimed in &due {
            self.settles(claimed, Attempted::Delivered).await;
        }
        due.len()
    }

    /// All that is due is refused for good.
    pub async fn everything_is_refused(&self) -> Vec<DeliveryId> {
        let due = self.due().await;
        let refused = Attempted::Refused {
            why: "Not like this.".to_owned(),
        };
        for claimed in &due {
            self.settles(claimed, refused.clone()).await;
        }
        due.iter().map(|claimed| claimed.id).collect()
    }
}
