-- The decision path: the batched writer's one statement, what a snapshot needs to know, and the indexes of its lists.

------------------------------------------------------------------------------------------------------------------
-- Which transaction changed the directory last. Nodes keep the directory in memory and load it anew only when this
-- differs. It is a row and not a sequence: a sequence shows its new value before the change is committed, and a node
-- that read it then would keep the old directory under the new number for ever.
CREATE TABLE directory_version (
    only_one    boolean NOT NULL DEFAULT true,
    changed_by  xid8    NOT NULL,
    CONSTRAINT directory_version_pk PRIMARY KEY (only_one),
    CONSTRAINT directory_version_only_one CHECK (only_one)
);
INSERT INTO directory_version (changed_by) VALUES (pg_current_xact_id());

CREATE FUNCTION note_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET changed_by = pg_current_xact_id() WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END
$$;
CREATE TRIGGER teams_change_directory AFTER INSERT OR UPDATE OR DELETE ON teams
    FOR EACH STATEMENT EXECUTE FUNCTION note_directory_change();
CREATE TRIGGER groups_change_directory AFTER INSERT OR UPDATE OR DELETE ON groups
    FOR EACH STATEMENT EXECUTE FUNCTION note_directory_change();
CREATE TRIGGER group_members_change_directory AFTER INSERT OR UPDATE OR DELETE ON group_members
    FOR EACH STATEMENT EXECUTE FUNCTION note_directory_change();
CREATE TRIGGER principals_change_directory AFTER INSERT OR UPDATE OR DELETE ON principals
    FOR EACH STATEMENT EXECUTE FUNCTION note_directory_change();
CREATE TRIGGER resources_change_directory AFTER INSERT OR UPDATE OR DELETE ON resources
    FOR EACH STATEMENT EXECUTE FUNCTION note_directory_change();

GRANT SELECT, UPDATE ON directory_version TO spillway_app;

------------------------------------------------------------------------------------------------------------------
-- Writing decisions.
--
-- One call writes a whole batch that was evaluated under one generation, or nothing of it and says why:
--   status 'recorded'   all is written, and durable once the caller's transaction commits;
--   status 'stale'      another generation is current: evaluate again under it;
--   status 'exhausted'  some opt-out has fewer uses left than the batch needs: `limited_remaining` says how many.
-- In either case `limited_uses` are the counts as they now stand, one for each of `limited_ids`.
--
-- The rows of limited opt-outs are locked before the generation is held, in the order of their ids. A command that ends
-- an opt-out locks its row first and takes the generation's lock as its last step; the other way round here, the two
-- would wait for each other.
--
-- `limited_ids` is sorted and without repetition; `limited_wanted` is how many decisions of the batch use each. The
-- arrays of uses have one element per decision and opt-out that applied to it.
CREATE FUNCTION record_decisions(
    expected          bigint,
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
    leaves            bytea[],
    hashes            bytea,
    OUT status            text,
    OUT generation        bigint,
    OUT limited_uses      integer[],
    OUT limited_remaining integer[]
) LANGUAGE plpgsql AS $$
DECLARE
    enough boolean := true;
BEGIN
    IF cardinality(limited_ids) > 0 THEN
        PERFORM 1 FROM opt_outs o WHERE o.id = ANY(limited_ids) ORDER BY o.id FOR NO KEY UPDATE;
    END IF;
    generation := hold_generation();
    IF generation <> expected THEN
        status := 'stale';
        RETURN;
    END IF;
    IF cardinality(limited_ids) > 0 THEN
        SELECT array_agg(coalesce(o.uses, 0) ORDER BY w.place),
               array_agg(CASE WHEN o.id IS NULL THEN 0
                              WHEN o.max_uses IS NULL THEN w.wanted
                              ELSE o.max_uses - o.uses END ORDER BY w.place),
               bool_and(o.id IS NOT NULL AND (o.max_uses IS NULL OR o.uses + w.wanted <= o.max_uses))
          INTO limited_uses, limited_remaining, enough
          FROM unnest(limited_ids, limited_wanted) WITH ORDINALITY AS w(id, wanted, place)
          LEFT JOIN opt_outs o ON o.id = w.id;
        IF NOT enough THEN
            status := 'exhausted';
            RETURN;
        END IF;
        UPDATE opt_outs o SET uses = o.uses + w.wanted
          FROM unnest(limited_ids, limited_wanted) AS w(id, wanted)
         WHERE o.id = w.id;
        SELECT array_agg(used + wanted ORDER BY place) INTO limited_uses
          FROM unnest(limited_uses, limited_wanted) WITH ORDINALITY AS u(used, wanted, place);
    END IF;

    INSERT INTO decisions (id, at, generation, policy_digest, client_id, principal_kind, principal_id, resource_type,
            resource_id, capability, tier, base, effective, answer, grant_id, salt, record, leaf_hash)
    SELECT d.id, d.at, expected, policy, d.client_id, d.principal_kind, d.principal_id, d.resource_type,
            d.resource_id, d.capability, d.tier, d.base, d.effective, d.answer, d.grant_id, d.salt, d.record, d.leaf_hash
      FROM unnest(ids, ats, client_ids, principal_kinds, principal_ids, resource_types, resource_ids, capabilities,
                  tiers, bases, effectives, answers, grant_ids, salts, records, leaf_hashes)
        AS d(id, at, client_id, principal_kind, principal_id, resource_type, resource_id, capability,
                  tier, base, effective, answer, grant_id, salt, record, leaf_hash);
    IF cardinality(use_opt_outs) > 0 THEN
        INSERT INTO opt_out_uses (opt_out_id, decision_id, revision, at, credited, base, effective)
        SELECT * FROM unnest(use_opt_outs, use_decisions, use_revisions, use_ats, use_credited, use_bases, use_effectives);
    END IF;
    INSERT INTO ledger_pending (at, leaves, hashes) VALUES (recorded_at, leaves, hashes);
    status := 'recorded';
END
$$;

------------------------------------------------------------------------------------------------------------------
-- The sequencer.

-- Takes the oldest pending rows, up to `most` leaves but at least one row, and answers what was in them. The caller has
-- the sequencer's lock, so nobody else takes rows; rows that commit later keep their higher or lower ids and are taken
-- by a later call: the log's order is the order of taking, not of ids.
CREATE FUNCTION place_pending(first_index bigint, most integer, OUT placed bigint, OUT hashes bytea, OUT newest timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    WITH sized AS (
        SELECT p.id, sum(cardinality(p.leaves)) OVER (ORDER BY p.id) AS so_far, cardinality(p.leaves) AS own
          FROM ledger_pending p
         ORDER BY p.id
         LIMIT most
    ), taken AS (
        DELETE FROM ledger_pending p USING sized s
         WHERE p.id = s.id AND (s.so_far <= most OR s.so_far = s.own)
        RETURNING p.id, p.at, p.leaves, p.hashes
    ), numbered AS (
        SELECT t.id, t.hashes AS row_hashes, l.bytes, l.place,
               first_index + row_number() OVER (ORDER BY t.id, l.place) - 1 AS index
          FROM taken t, unnest(t.leaves) WITH ORDINALITY AS l(bytes, place)
    ), put AS (
        INSERT INTO ledger_leaves (index, bytes, hash)
        SELECT n.index, n.bytes, substr(n.row_hashes, ((n.place - 1) * 32 + 1)::integer, 32) FROM numbered n
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM put),
           (SELECT coalesce(string_agg(t.hashes, '' ORDER BY t.id), '') FROM taken t),
           (SELECT max(t.at) FROM taken t)
      INTO placed, hashes, newest;
END
$$;

------------------------------------------------------------------------------------------------------------------
-- Lists: newest first, a keyset by id.
CREATE INDEX decisions_by_principal ON decisions (principal_kind, principal_id, id DESC);

-- As for all records.
CREATE TRIGGER opt_out_uses_not_truncated BEFORE TRUNCATE ON opt_out_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
