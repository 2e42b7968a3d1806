-- What a policy enforcement point really did with an answer. One report per decision, by the client that asked for it; a
-- second one that says the same is the first one again, and nothing is ever taken back.
CREATE TABLE enforcements (
    decision_id  uuid        NOT NULL, -- no foreign key: old partitions of decisions are dropped, their leaves stay
    client_id    uuid        NOT NULL,
    done         text        NOT NULL,
    done_at      timestamptz NOT NULL,
    note         text        NOT NULL DEFAULT '',
    reported_at  timestamptz NOT NULL,
    CONSTRAINT enforcements_pk PRIMARY KEY (decision_id),
    CONSTRAINT enforcements_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT enforcements_done_known CHECK (done IN ('enforced', 'denied', 'bypassed')),
    CONSTRAINT enforcements_note_fits CHECK (char_length(note) <= 500)
);
CREATE TRIGGER enforcements_append_only BEFORE UPDATE OR DELETE ON enforcements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER enforcements_not_truncated BEFORE TRUNCATE ON enforcements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON enforcements TO spillway_app;
