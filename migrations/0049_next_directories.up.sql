-- A directory that is about to be put in force, as what is different in it: nodes build what decisions need of it before it
-- is in force, so that none of them waits for that. Its id becomes the directory's epoch.
CREATE TABLE next_directories (
    id       uuid        NOT NULL,
    base     text        NOT NULL, -- the version that it differs from, as nodes spell it
    delta    text        NOT NULL, -- JSON, which jsonb would take apart only to put it together again
    made_at  timestamptz NOT NULL,
    CONSTRAINT next_directories_pk PRIMARY KEY (id)
);
GRANT SELECT, INSERT, DELETE ON next_directories TO spillway_app;
