-- As in 0045.
CREATE OR REPLACE FUNCTION record_decisions(
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
