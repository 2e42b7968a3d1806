ALTER TABLE votes
    DROP CONSTRAINT votes_once_per_person,
    DROP CONSTRAINT votes_once_per_giver,
    ADD CONSTRAINT votes_once_per_person UNIQUE (item_kind, item_id, round, person_id),
    ADD CONSTRAINT votes_once_per_giver UNIQUE (item_kind, item_id, round, giver_id),
    DROP COLUMN person_void,
    DROP COLUMN giver_void;
DROP TABLE void_votes;
