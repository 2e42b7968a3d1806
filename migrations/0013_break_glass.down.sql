-- What the older program cannot read would stop its outbox: it tells of neither reviews nor second persons.
DROP INDEX deliveries_of_break_glass;
DROP INDEX notices_by_item;
DELETE FROM deliveries WHERE body ->> 'kind' IN ('second_person', 'review_owed', 'review_overdue', 'review_concluded');
DELETE FROM notices WHERE kind IN ('second_person', 'review_owed', 'review_overdue', 'review_concluded');
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK (item_kind IN ('access_request', 'grant', 'opt_out'));
ALTER TABLE sessions DROP COLUMN kept;
DROP TABLE post_reviews;
DROP FUNCTION count_break_glass();
DROP TABLE break_glass_spells;
