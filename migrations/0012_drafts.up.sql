-- Forms that somebody has begun and not sent: one for each person and form. Nobody else sees them, nothing is decided by
-- them, and they are gone once they are sent, discarded or a month old. So no event is recorded about them.
CREATE TABLE drafts (
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    form         text        NOT NULL,
    fields       jsonb       NOT NULL, -- [["title", "…"], …] in the order of the form
    saved_at     timestamptz NOT NULL,
    CONSTRAINT drafts_pk PRIMARY KEY (person_id, form),
    CONSTRAINT drafts_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT drafts_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT drafts_form_known CHECK (form IN ('opt_out')),
    CONSTRAINT drafts_small CHECK (octet_length(fields::text) <= 262144)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO spillway_app;
