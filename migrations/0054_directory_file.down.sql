CREATE OR REPLACE FUNCTION note_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET changed_by = pg_current_xact_id(), epoch = gen_random_uuid()
     WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END
$$;
ALTER TABLE directory_version DROP COLUMN file;
