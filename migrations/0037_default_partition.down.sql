DELETE FROM deliveries WHERE body ->> 'kind' = 'partition_missing';
DELETE FROM notices WHERE kind = 'partition_missing';
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client', 'budget', 'delegation', 'endpoint', 'mail'));

REVOKE SELECT ON decisions_default FROM spillway_app;
