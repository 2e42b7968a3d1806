DELETE FROM deliveries WHERE body ->> 'kind' IN ('questioned', 'answered', 'commented', 'signals_exceeded');
DELETE FROM notices WHERE kind IN ('questioned', 'answered', 'commented', 'signals_exceeded');
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review'));
DROP TABLE roles_seen;
DROP TABLE bulk_acts;
DROP TABLE comments;
