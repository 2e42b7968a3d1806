-- Break-glass and what is owed afterwards.

-- One row for each time that the glass was broken and each resource that it reached: whose hours. They are written when it
-- comes into force, in that transaction, and their end moves earlier when somebody ends it; the opt-out itself says all the
-- rest. What is part of a resource counts too, so that hours on a cluster are hours on its services.
CREATE TABLE break_glass_spells (
    opt_out_id     uuid        NOT NULL,
    person_kind    text        NOT NULL DEFAULT 'person',
    person_id      text        NOT NULL,
    team           text        NOT NULL, -- the person's at that moment; a name, since teams may go
    resource_type  text        NOT NULL,
    resource_id    text        NOT NULL,
    incident       text        NOT NULL,
    sign_in        text        NOT NULL,
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    CONSTRAINT break_glass_spells_pk PRIMARY KEY (opt_out_id, resource_type, resource_id),
    CONSTRAINT break_glass_spells_opt_out_fk FOREIGN KEY (opt_out_id) REFERENCES opt_outs (id),
    CONSTRAINT break_glass_spells_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT break_glass_spells_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT break_glass_spells_resource_fk FOREIGN KEY (resource_type, resource_id) REFERENCES resources (type, id),
    CONSTRAINT break_glass_spells_sign_in_known CHECK (sign_in IN ('fresh', 'session')),
    CONSTRAINT break_glass_spells_incident_named CHECK (btrim(incident) <> ''),
    -- Ended in the moment it began, it has used nothing.
    CONSTRAINT break_glass_spells_end_not_before_start CHECK (ends_at >= starts_at),
    CONSTRAINT break_glass_spells_longest CHECK (ends_at - starts_at <= interval '4 hours')
);
CREATE INDEX break_glass_spells_by_team ON break_glass_spells (team, resource_type, resource_id, ends_at);

-- Hours are counted by one transaction after the other: two at once would each see the other's as not used. It is an
-- emergency's command, so nobody waits for long, and for nothing but another emergency.
CREATE FUNCTION count_break_glass() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7311513)
$$;

CREATE TABLE post_reviews (
    id               uuid        NOT NULL,
    version          integer     NOT NULL DEFAULT 1,
    opt_out_id       uuid        NOT NULL,
    cause            text        NOT NULL,
    state            text        NOT NULL, -- overdue is none: it follows from due_at
    team             text        NOT NULL,
    about_id         text,                 -- who broke the glass or asked; nobody, where no person did
    tier             text        NOT NULL,
    tier_rank        integer     NOT NULL,
    reviewers        jsonb       NOT NULL,
    next_level       jsonb       NOT NULL,
    excluded         jsonb       NOT NULL,
    owed_at          timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    concluder_kind   text        NOT NULL DEFAULT 'person',
    concluder_id     text,
    concluded_at     timestamptz,
    note             text,
    CONSTRAINT post_reviews_pk PRIMARY KEY (id),
    -- Whatever happens twice, it is reviewed once.
    CONSTRAINT post_reviews_once UNIQUE (opt_out_id),
    CONSTRAINT post_reviews_opt_out_fk FOREIGN KEY (opt_out_id) REFERENCES opt_outs (id),
    CONSTRAINT post_reviews_cause_known CHECK (cause IN ('break_glass', 'ended')),
    CONSTRAINT post_reviews_state_known CHECK (state IN ('owed', 'justified', 'unjustified', 'follow_up')),
    CONSTRAINT post_reviews_due_after_owed CHECK (due_at > owed_at),
    CONSTRAINT post_reviews_concluded_whole CHECK
        ((state = 'owed') = (concluder_id IS NULL) AND num_nulls(concluder_id, concluded_at, note) IN (0, 3)),
    CONSTRAINT post_reviews_note_said CHECK (note IS NULL OR btrim(note) <> ''),
    -- Only persons conclude, and nobody their own: constraints, not an `if`.
    CONSTRAINT post_reviews_of_persons CHECK (concluder_kind = 'person'),
    CONSTRAINT post_reviews_concluder_fk FOREIGN KEY (concluder_kind, concluder_id) REFERENCES principals (kind, id),
    CONSTRAINT post_reviews_not_ones_own CHECK (concluder_id IS DISTINCT FROM about_id OR concluder_id IS NULL)
);
CREATE INDEX post_reviews_owed ON post_reviews (due_at) WHERE state = 'owed';
CREATE TRIGGER post_reviews_terminal_state_stays BEFORE UPDATE ON post_reviews FOR EACH ROW
    WHEN (OLD.state <> 'owed' OR (NEW.opt_out_id, NEW.cause, NEW.team, NEW.about_id, NEW.owed_at, NEW.due_at)
        IS DISTINCT FROM (OLD.opt_out_id, OLD.cause, OLD.team, OLD.about_id, OLD.owed_at, OLD.due_at))
    EXECUTE FUNCTION terminal_state_stays();

-- What somebody had typed when they were sent to sign in again: the page's path and its fields. It lives and dies with
-- the browser's session.
ALTER TABLE sessions ADD COLUMN kept jsonb;

-- Reviews are told of too. What an emergency's page asks of each delivery is whether it has arrived.
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review'));
CREATE INDEX notices_by_item ON notices (item_id);
CREATE INDEX deliveries_of_break_glass ON deliveries ((body #>> '{item,id}')) WHERE body ->> 'kind' = 'break_glass';

GRANT SELECT, INSERT ON break_glass_spells, post_reviews TO spillway_app;
GRANT UPDATE (ends_at) ON break_glass_spells TO spillway_app;
GRANT UPDATE ON post_reviews TO spillway_app;
