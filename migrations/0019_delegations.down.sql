-- What the older program cannot read would stop its outbox.
DELETE FROM deliveries WHERE body ->> 'kind' IN ('escalated', 'fell_back');
DELETE FROM notices WHERE kind IN ('escalated', 'fell_back');
DROP TABLE escalations;
ALTER TABLE votes
    DROP CONSTRAINT votes_once_per_giver,
    DROP COLUMN delegation_id,
    DROP COLUMN giver_id,
    DROP COLUMN giver_kind;
DROP TABLE delegations;
