DROP FUNCTION record_decisions(bigint, uuid, timestamptz, bytea, uuid[], integer[], uuid[], timestamptz[], uuid[], text[],
    text[], text[], text[], text[], text[], text[], text[], boolean[], uuid[], bytea[], bytea[], bytea[], uuid[], uuid[],
    integer[], timestamptz[], boolean[], text[], text[], text[], bytea[], bytea);
DROP FUNCTION raise_generation_epoch;
DROP FUNCTION hold_generation_epoch;
CREATE OR REPLACE FUNCTION raise_generation() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7311500);
    raised := nextval('generation');
    PERFORM pg_notify('spillway_generation', raised::text);
    RETURN raised;
END
$$;
CREATE OR REPLACE FUNCTION note_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET changed_by = pg_current_xact_id() WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END
$$;
ALTER TABLE directory_version DROP COLUMN epoch;
DROP TABLE generation_epoch;
