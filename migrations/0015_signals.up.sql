-- Signals: opt-outs that a monitoring tool opens. They have no requester, which so far every opt-out had, so the schema says
-- it openly: an opt-out comes from one person or from one client's signal, never from both and never from nobody.
ALTER TABLE clients ADD COLUMN signals jsonb; -- the right to signal: about whom, how many an hour, for how long

ALTER TABLE opt_outs ALTER COLUMN requester_id DROP NOT NULL;
ALTER TABLE opt_outs ADD COLUMN opened_by_client uuid;
ALTER TABLE opt_outs ADD CONSTRAINT opt_outs_opened_by_client_fk FOREIGN KEY (opened_by_client) REFERENCES clients (id);
ALTER TABLE opt_outs ADD CONSTRAINT opt_outs_come_from_one CHECK (num_nonnulls(requester_id, opened_by_client) = 1);
-- What nobody approved may only be strict.
ALTER TABLE opt_outs ADD CONSTRAINT opt_outs_signals_are_strict CHECK (opened_by_client IS NULL OR direction = 'to_manual');

CREATE TABLE signals (
    opt_out_id      uuid        NOT NULL,
    client_id       uuid        NOT NULL,
    source_id       text        NOT NULL,
    principal_kind  text        NOT NULL,
    principal_id    text        NOT NULL,
    opened_at       timestamptz NOT NULL,
    -- A person has looked and agrees. Lifting it is the opt-out's own end.
    confirmer_kind  text        NOT NULL DEFAULT 'person',
    confirmer_id    text,
    confirmed_at    timestamptz,
    CONSTRAINT signals_pk PRIMARY KEY (opt_out_id),
    CONSTRAINT signals_opt_out_fk FOREIGN KEY (opt_out_id) REFERENCES opt_outs (id),
    CONSTRAINT signals_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT signals_principal_fk FOREIGN KEY (principal_kind, principal_id) REFERENCES principals (kind, id),
    -- The source's own id names one observation: sent again it opens nothing new.
    CONSTRAINT signals_once UNIQUE (client_id, source_id),
    CONSTRAINT signals_source_id_fits CHECK (char_length(source_id) BETWEEN 1 AND 128),
    CONSTRAINT signals_of_persons CHECK (confirmer_kind = 'person'),
    CONSTRAINT signals_confirmer_fk FOREIGN KEY (confirmer_kind, confirmer_id) REFERENCES principals (kind, id),
    CONSTRAINT signals_confirmed_whole CHECK ((confirmer_id IS NULL) = (confirmed_at IS NULL)),
    -- Nobody confirms or clears themselves.
    CONSTRAINT signals_not_ones_own CHECK (confirmer_id IS NULL OR principal_kind <> 'person' OR confirmer_id <> principal_id)
);
CREATE INDEX signals_by_client ON signals (client_id, opened_at);

-- That a source went beyond its limits: one row, and one event, an hour.
CREATE TABLE signal_alarms (
    client_id  uuid        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT signal_alarms_pk PRIMARY KEY (client_id, at),
    CONSTRAINT signal_alarms_client_fk FOREIGN KEY (client_id) REFERENCES clients (id)
);

-- The limits are counted by one transaction of a source after the other.
CREATE FUNCTION count_signals(client uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7311515, hashtext(client::text))
$$;

GRANT SELECT, INSERT ON signals, signal_alarms TO spillway_app;
GRANT UPDATE (confirmer_id, confirmed_at) ON signals TO spillway_app;
