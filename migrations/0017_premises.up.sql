-- What a bypass hangs on beyond its window: incidents, premises, tickets, and being approved again once it was suspended.

------------------------------------------------------------------------------------------------------------------
-- Incidents, as a tool outside tells of them. Their times are ours: when we were told.
ALTER TABLE clients ADD COLUMN incidents boolean NOT NULL DEFAULT false; -- the right to tell of them

CREATE TABLE incidents (
    id           text        NOT NULL, -- the tool's own: INC-4471
    version      integer     NOT NULL DEFAULT 1,
    title        text        NOT NULL,
    client_id    uuid        NOT NULL, -- who told of it first; nobody else changes it
    state        text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    resolved_at  timestamptz,          -- last
    CONSTRAINT incidents_pk PRIMARY KEY (id),
    CONSTRAINT incidents_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT incidents_state_known CHECK (state IN ('open', 'resolved')),
    CONSTRAINT incidents_id_fits CHECK (char_length(id) BETWEEN 1 AND 64),
    CONSTRAINT incidents_resolved_when CHECK (state = 'open' OR resolved_at IS NOT NULL),
    CONSTRAINT incidents_resolved_after CHECK (resolved_at >= opened_at)
);

-- Whoever approves what stands on an incident holds this shared, whoever tells of an incident alone: both first of all, before
-- any row. Otherwise the one could approve under an incident that the other has just resolved, and would have seen no
-- opt-out to end.
CREATE FUNCTION hold_incidents() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(7311517)
$$;
CREATE FUNCTION tell_incidents() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7311517)
$$;

------------------------------------------------------------------------------------------------------------------
-- What an opt-out stands on. The revision says all of it; these columns find it by what it stands on.
ALTER TABLE opt_outs
    ADD COLUMN premise   text,                        -- the kind
    ADD COLUMN incident  text,                        -- of its premise, or that it ends with
    ADD COLUMN ticket    text,                        -- of its premise
    ADD COLUMN round     integer NOT NULL DEFAULT 0,  -- how often it was asked to be put back
    ADD CONSTRAINT opt_outs_premise_known CHECK
        (premise IN ('attribute', 'digest_unchanged', 'incident_open', 'ticket_open')),
    -- Whatever ends an opt-out early loosens, if it is a `to_manual`.
    ADD CONSTRAINT opt_outs_premise_for_bypass CHECK
        (direction = 'bypass' OR num_nonnulls(premise, incident, ticket) = 0),
    ADD CONSTRAINT opt_outs_suspended_is_bypass CHECK (direction = 'bypass' OR state <> 'suspended'),
    ADD CONSTRAINT opt_outs_round_not_negative CHECK (round >= 0);
CREATE INDEX opt_outs_by_incident ON opt_outs (incident) WHERE incident IS NOT NULL;
CREATE INDEX opt_outs_by_ticket ON opt_outs (ticket) WHERE ticket IS NOT NULL;

-- A suspended one comes back by a fresh approval: each person counts once in each round, over all stages.
ALTER TABLE votes ADD COLUMN round integer NOT NULL DEFAULT 0;
ALTER TABLE votes DROP CONSTRAINT votes_once_per_person;
ALTER TABLE votes ADD CONSTRAINT votes_once_per_person UNIQUE (item_kind, item_id, round, person_id);
ALTER TABLE votes ADD CONSTRAINT votes_rounds_of_opt_outs CHECK (round = 0 OR item_kind = 'opt_out');

------------------------------------------------------------------------------------------------------------------
-- Tickets: the last answer of their system, and when the next look-up is due. A look-up that fails changes `due_at` and
-- `failed` alone, so that the last answer grows old.
CREATE TABLE tickets (
    ticket       text        NOT NULL,
    open         boolean,               -- none: never answered
    answered_at  timestamptz,
    due_at       timestamptz NOT NULL,
    failed       text,                  -- why the last look-up had no answer
    CONSTRAINT tickets_pk PRIMARY KEY (ticket),
    CONSTRAINT tickets_answer_whole CHECK ((open IS NULL) = (answered_at IS NULL))
);
CREATE INDEX tickets_due ON tickets (due_at);

GRANT SELECT, INSERT, UPDATE ON incidents, tickets TO spillway_app;
