-- A random number beside the generation. The counter alone goes back when a fail-over or a restore loses the newest
-- transactions, and once it has been raised again, numbers match although contents do not. A node compares both.
--
-- It is a row and not a sequence: a row is undone with its transaction, so a server that lost a commit cannot have its
-- number. It is written under the generation's exclusive lock, as the last step of a command, so nobody waits for it.
CREATE TABLE generation_epoch (
    only_one  boolean NOT NULL DEFAULT true,
    epoch     uuid    NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT generation_epoch_pk PRIMARY KEY (only_one),
    CONSTRAINT generation_epoch_only_one CHECK (only_one)
);
INSERT INTO generation_epoch DEFAULT VALUES;
GRANT SELECT, UPDATE ON generation_epoch TO spillway_app;

-- The same for the directory, which nodes reload only when its version differs: a transaction id comes back as well.
ALTER TABLE directory_version ADD COLUMN epoch uuid NOT NULL DEFAULT gen_random_uuid();
CREATE OR REPLACE FUNCTION note_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET changed_by = pg_current_xact_id(), epoch = gen_random_uuid()
     WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END
$$;

-- Nodes of the earlier version call this as well, so that theirs changes the epoch too. They understand no payload of two
-- parts, and ask for the generation instead.
CREATE OR REPLACE FUNCTION raise_generation() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
    made   uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(7311500);
    UPDATE generation_epoch SET epoch = gen_random_uuid() RETURNING epoch INTO made;
    raised := nextval('generation');
    PERFORM pg_notify('spillway_generation', raised || ' ' || made);
    RETURN raised;
END
$$;

-- As `hold_generation` and `raise_generation`, with the epoch; and what both were before.
CREATE FUNCTION hold_generation_epoch(OUT counter bigint, OUT epoch uuid) LANGUAGE plpgsql AS $$
BEGIN
    counter := hold_generation();
    SELECT e.epoch INTO epoch FROM generation_epoch e;
END
$$;
CREATE FUNCTION raise_generation_epoch(OUT was_counter bigint, OUT was_epoch uuid, OUT counter bigint, OUT epoch uuid)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7311500);
    SELECT g.last_value, e.epoch INTO was_counter, was_epoch FROM generation g, generation_epoch e;
    counter := raise_generation();
    SELECT e.epoch INTO epoch FROM generation_epoch e;
END
$$;

-- As in 0023, which does the work and stays for nodes that are still running: only under the expected epoch. Rows are
-- locked before the generation here too (see 0003).
CREATE FUNCTION record_decisions(
    expected          bigint,
    expected_epoch    uuid,
    recorded_at       timestamptz,
    policy            bytea,
    limited_ids       uuid[],
    limited_wanted    integer[],
    ids               uuid[],
    ats               timestamptz[],
    client_ids        uuid[],
    principal_kinds   text[],
    principal_ids     text[],
    resource_types    text[],
    resource_ids      text[],
    capabilities      text[],
    tiers             text[],
    bases             text[],
    effectives        text[],
    answers           boolean[],
    grant_ids         uuid[],
    salts             bytea[],
    records           bytea[],
    leaf_hashes       bytea[],
    use_opt_outs      uuid[],
    use_decisions     uuid[],
    use_revisions     integer[],
    use_ats           timestamptz[],
    use_credited      boolean[],
    use_bases         text[],
    use_effectives    text[],
    use_effects       text[],
    leaves            bytea[],
    hashes            bytea,
    OUT status            text,
    OUT generation        bigint,
    OUT epoch             uuid,
    OUT limited_uses      integer[],
    OUT limited_remaining integer[]
) LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(limited_ids) > 0 THEN
        PERFORM 1 FROM opt_outs o WHERE o.id = ANY(limited_ids) ORDER BY o.id FOR NO KEY UPDATE;
    END IF;
    SELECT h.counter, h.epoch INTO generation, epoch FROM hold_generation_epoch() h;
    IF generation <> expected OR epoch <> expected_epoch THEN
        status := 'stale';
        RETURN;
    END IF;
    SELECT r.status, r.limited_uses, r.limited_remaining INTO status, limited_uses, limited_remaining
      FROM record_decisions(expected, recorded_at, policy, limited_ids, limited_wanted, ids, ats, client_ids,
          principal_kinds, principal_ids, resource_types, resource_ids, capabilities, tiers, bases, effectives, answers,
          grant_ids, salts, records, leaf_hashes, use_opt_outs, use_decisions, use_revisions, use_ats, use_credited,
          use_bases, use_effectives, use_effects, leaves, hashes) r;
END
$$;
