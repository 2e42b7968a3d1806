-- A vote that counts no longer: whoever cast it, or in whose place it was cast, must not decide the item any more or has
-- left the directory before it was settled. The vote stays readable; its stage opens again.
CREATE TABLE void_votes (
    vote_id uuid        NOT NULL,
    why     text        NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT void_votes_pk PRIMARY KEY (vote_id),
    CONSTRAINT void_votes_vote_fk FOREIGN KEY (vote_id) REFERENCES votes (id),
    CONSTRAINT void_votes_why_known CHECK (why IN ('excluded', 'left'))
);
CREATE TRIGGER void_votes_append_only BEFORE UPDATE OR DELETE ON void_votes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON void_votes TO spillway_app;

-- How many earlier votes of the voter, and of whom they vote for, are void: somebody who comes back to the directory can
-- vote again, and still counts once.
ALTER TABLE votes
    ADD COLUMN person_void integer NOT NULL DEFAULT 0,
    ADD COLUMN giver_void integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT votes_once_per_person,
    DROP CONSTRAINT votes_once_per_giver,
    ADD CONSTRAINT votes_once_per_person UNIQUE (item_kind, item_id, round, person_id, person_void),
    ADD CONSTRAINT votes_once_per_giver UNIQUE (item_kind, item_id, round, giver_id, giver_void);
