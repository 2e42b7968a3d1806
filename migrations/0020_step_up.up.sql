-- Fresh sign-ins for votes: where a tier asks for it, who votes proves to the identity provider once more who they are,
-- for exactly this vote.

-- One row for each time that somebody was sent to sign in for a vote. What it is for is written when it is begun and never
-- changes; what the provider vouched for is added when they come back, once. It decides nothing by itself, so no event is
-- recorded about it: the vote that it stands behind has one, and the sign-in too. Rows that no vote came of are thrown away
-- after a day.
CREATE TABLE step_ups (
    id            uuid        NOT NULL,
    person_kind   text        NOT NULL DEFAULT 'person',
    person_id     text        NOT NULL,
    item_kind     text        NOT NULL,
    item_id       uuid        NOT NULL,
    verdict       text        NOT NULL,
    shown_digest  bytea       NOT NULL, -- of what the person was shown, verdict and narrowing included
    begun_at      timestamptz NOT NULL,
    auth_time     timestamptz,          -- when they proved who they are, by the provider's clock
    acr           text,                 -- how strong that proof was, where the provider says
    proved_at     timestamptz,          -- when they came back, by ours
    CONSTRAINT step_ups_pk PRIMARY KEY (id),
    CONSTRAINT step_ups_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT step_ups_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT step_ups_item_known CHECK (item_kind IN ('access_request', 'opt_out')),
    CONSTRAINT step_ups_verdict_known CHECK (verdict IN ('approve', 'deny')),
    CONSTRAINT step_ups_shown_digest_fits CHECK (octet_length(shown_digest) = 32),
    CONSTRAINT step_ups_acr_fits CHECK (char_length(acr) <= 255),
    CONSTRAINT step_ups_proof_whole CHECK
        (num_nulls(auth_time, proved_at) IN (0, 2) AND (acr IS NULL OR proved_at IS NOT NULL)),
    -- What a vote refers to, so that it can refer to nothing but the very vote that was meant, and to nothing unproved.
    CONSTRAINT step_ups_for_one_vote UNIQUE (id, person_id, item_kind, item_id, verdict, shown_digest, auth_time)
);
CREATE INDEX step_ups_begun_at_idx ON step_ups (begun_at);
-- The first proof stands, and nobody changes afterwards what it was for.
CREATE TRIGGER step_ups_proof_stays BEFORE UPDATE ON step_ups FOR EACH ROW
    WHEN (OLD.proved_at IS NOT NULL
        OR (NEW.id, NEW.person_id, NEW.item_kind, NEW.item_id, NEW.verdict, NEW.shown_digest, NEW.begun_at)
            IS DISTINCT FROM
            (OLD.id, OLD.person_id, OLD.item_kind, OLD.item_id, OLD.verdict, OLD.shown_digest, OLD.begun_at))
    EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, DELETE ON step_ups TO spillway_app;
GRANT UPDATE (auth_time, acr, proved_at) ON step_ups TO spillway_app;

-- Votes keep what their voter was shown and the sign-in behind them. Those that were cast before have neither; nor has the
-- sign-in what the tier did not ask it for.
ALTER TABLE votes
    ADD COLUMN shown_digest bytea,
    ADD COLUMN step_up_id   uuid,
    ADD COLUMN auth_time    timestamptz,
    ADD COLUMN acr          text,
    ADD CONSTRAINT votes_shown_digest_fits CHECK (octet_length(shown_digest) = 32),
    -- A sign-in stands behind one vote and no other, and behind a vote on what was shown.
    ADD CONSTRAINT votes_step_up_once UNIQUE (step_up_id),
    ADD CONSTRAINT votes_step_up_whole CHECK
        (num_nulls(step_up_id, auth_time) IN (0, 2) AND (step_up_id IS NULL OR shown_digest IS NOT NULL)
            AND (acr IS NULL OR step_up_id IS NOT NULL)),
    ADD CONSTRAINT votes_step_up_fk FOREIGN KEY (step_up_id, person_id, item_kind, item_id, verdict, shown_digest, auth_time)
        REFERENCES step_ups (id, person_id, item_kind, item_id, verdict, shown_digest, auth_time);
