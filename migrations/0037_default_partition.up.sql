-- A worker looks whether the default partition of the decisions is empty, and tells administrators where it is not. Reading a
-- partition by its own name needs a privilege on it.
GRANT SELECT ON decisions_default TO spillway_app;

ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client', 'budget', 'delegation', 'endpoint', 'mail',
        'decision_records'));
