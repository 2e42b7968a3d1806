-- Who decides in another's place, and when silence asks more people.

-- A delegation lends a vote and makes none: see `domain::approval::delegation`. Nothing is deleted; one that was ended
-- before its time says when and by whom.
CREATE TABLE delegations (
    id         uuid        NOT NULL,
    from_kind  text        NOT NULL DEFAULT 'person',
    from_id    text        NOT NULL,
    to_kind    text        NOT NULL DEFAULT 'person',
    to_id      text        NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    reason     text        NOT NULL,
    scope      jsonb       NOT NULL, -- {"groups": […], "tiers": […]}; a list that is absent means all
    made_at    timestamptz NOT NULL,
    ended_at   timestamptz,
    ender_kind text        NOT NULL DEFAULT 'person',
    ender_id   text,
    CONSTRAINT delegations_pk PRIMARY KEY (id),
    CONSTRAINT delegations_of_persons CHECK (from_kind = 'person' AND to_kind = 'person' AND ender_kind = 'person'),
    CONSTRAINT delegations_from_fk FOREIGN KEY (from_kind, from_id) REFERENCES principals (kind, id),
    CONSTRAINT delegations_to_fk FOREIGN KEY (to_kind, to_id) REFERENCES principals (kind, id),
    CONSTRAINT delegations_ender_fk FOREIGN KEY (ender_kind, ender_id) REFERENCES principals (kind, id),
    CONSTRAINT delegations_not_to_oneself CHECK (from_id <> to_id),
    CONSTRAINT delegations_end_after_start CHECK (ends_at > starts_at),
    CONSTRAINT delegations_at_most_90_days CHECK (ends_at <= starts_at + interval '90 days'),
    CONSTRAINT delegations_ended_whole CHECK ((ended_at IS NULL) = (ender_id IS NULL))
);
CREATE INDEX delegations_to ON delegations (to_id, ends_at);
CREATE INDEX delegations_from ON delegations (from_id, ends_at);

-- In whose place a vote was cast. Like the voter, a giver counts once per item.
ALTER TABLE votes
    ADD COLUMN giver_kind text NOT NULL DEFAULT 'person',
    ADD COLUMN giver_id text,
    ADD COLUMN delegation_id uuid,
    ADD CONSTRAINT votes_once_per_giver UNIQUE (item_kind, item_id, round, giver_id),
    ADD CONSTRAINT votes_giver_is_a_person CHECK (giver_kind = 'person'),
    ADD CONSTRAINT votes_giver_fk FOREIGN KEY (giver_kind, giver_id) REFERENCES principals (kind, id),
    ADD CONSTRAINT votes_delegation_fk FOREIGN KEY (delegation_id) REFERENCES delegations (id),
    ADD CONSTRAINT votes_giver_whole CHECK ((giver_id IS NULL) = (delegation_id IS NULL)),
    ADD CONSTRAINT votes_giver_is_another CHECK (giver_id <> person_id);

-- When the next list joins the stage that waits, unless somebody votes before. A row follows from its item's plan and
-- votes and is only there to be found in time: a vote lets everybody join whose time has come, whether the row was found
-- or not.
CREATE TABLE escalations (
    item_kind  text        NOT NULL,
    item_id    uuid        NOT NULL,
    due_at     timestamptz NOT NULL,
    CONSTRAINT escalations_pk PRIMARY KEY (item_kind, item_id),
    CONSTRAINT escalations_item_known CHECK (item_kind IN ('access_request', 'opt_out'))
);
CREATE INDEX escalations_due ON escalations (due_at);

GRANT SELECT, INSERT ON delegations TO spillway_app;
GRANT UPDATE (ended_at, ender_id) ON delegations TO spillway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON escalations TO spillway_app;
