DROP TABLE budget_burns;
DROP INDEX deliveries_due;
ALTER TABLE deliveries DROP COLUMN urgent;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client'));
