-- What a form that was sent has made, by a digest of all that it held, the random key of its page included: whoever presses
-- a button twice means it once, and gets what the first one made. Kept for a day; no decision depends on it.
CREATE TABLE sent_forms (
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    digest       bytea       NOT NULL,
    made         uuid        NOT NULL,
    at           timestamptz NOT NULL,
    CONSTRAINT sent_forms_pk PRIMARY KEY (person_id, digest),
    CONSTRAINT sent_forms_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT sent_forms_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT sent_forms_digest_length CHECK (octet_length(digest) = 32)
);
CREATE INDEX sent_forms_by_age ON sent_forms (at);
GRANT SELECT, INSERT, UPDATE (made, at), DELETE ON sent_forms TO spillway_app;
