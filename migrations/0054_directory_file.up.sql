-- SHA-256 of the directory file that is in force, so that the same file again is known without reading the whole directory;
-- none once anything else has changed the directory.
ALTER TABLE directory_version ADD COLUMN file bytea;
ALTER TABLE directory_version ADD CONSTRAINT directory_version_file_length CHECK (octet_length(file) = 32);
CREATE OR REPLACE FUNCTION note_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET changed_by = pg_current_xact_id(), epoch = gen_random_uuid(), file = NULL
     WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END
$$;
