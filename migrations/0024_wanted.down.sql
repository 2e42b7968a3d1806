-- What the older program cannot read would stop its outbox.
DELETE FROM deliveries WHERE body ->> 'kind' = 'nobody_left';
DELETE FROM notices WHERE kind = 'nobody_left';
DROP TABLE undecidable_items;
ALTER TABLE access_requests
    DROP CONSTRAINT access_requests_lapse_before_end,
    DROP CONSTRAINT access_requests_wanted_forward,
    DROP COLUMN wanted_until,
    DROP COLUMN wanted_from;
