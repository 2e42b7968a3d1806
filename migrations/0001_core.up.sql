-- The core of Spillway: directory, policy versions, clients, decisions, access requests, grants, opt-outs, votes,
-- events and the ledger. Two roles: the owner runs migrations; `spillway_app` serves, and can neither change nor
-- delete a decision, an event or a ledger entry.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'spillway_app') THEN
        CREATE ROLE spillway_app LOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the cluster: another database's migration may have made it in between.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- Refuses every change of what has been recorded.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- What kind of installation this is. A demo's database is stamped, and `serve` refuses it.
CREATE TABLE installation (
    only_one    boolean     NOT NULL DEFAULT true,
    demo        boolean     NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT installation_pk PRIMARY KEY (only_one),
    CONSTRAINT installation_only_one CHECK (only_one)
);
INSERT INTO installation DEFAULT VALUES;

------------------------------------------------------------------------------------------------------------------
-- Generation: the version of everything that a decision depends on.
--
-- It is a sequence, not a row: a row would make commands wait for each other from their first write to their commit.
-- The advisory lock orders them instead. A decision holds it shared while it commits; a command takes it exclusively
-- as its last step, raises the generation and commits. Without the lock, a decision could read the old generation,
-- a revocation could commit, and the decision would commit after it as if it had not happened.
CREATE SEQUENCE generation AS bigint MINVALUE 1;
SELECT nextval('generation');

-- Decisions hold it shared; a function of its own so that the value is read in a later snapshot than the lock.
CREATE FUNCTION hold_generation() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    current bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7311500);
    SELECT last_value INTO current FROM generation;
    RETURN current;
END
$$;

-- A command's last step before its commit. The notification is only a hint that lets nodes reload early.
CREATE FUNCTION raise_generation() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7311500);
    raised := nextval('generation');
    PERFORM pg_notify('spillway_generation', raised::text);
    RETURN raised;
END
$$;

------------------------------------------------------------------------------------------------------------------
-- Directory.

CREATE TABLE teams (
    name        text NOT NULL,
    title       text NOT NULL,
    owners      text NOT NULL, -- the group that decides on what the team owns
    CONSTRAINT teams_pk PRIMARY KEY (name)
);

CREATE TABLE groups (
    name        text   NOT NULL,
    title       text   NOT NULL,
    parents     text[] NOT NULL DEFAULT '{}',
    CONSTRAINT groups_pk PRIMARY KEY (name)
);
ALTER TABLE teams ADD CONSTRAINT teams_owners_fk FOREIGN KEY (owners) REFERENCES groups (name) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE principals (
    kind          text    NOT NULL,
    id            text    NOT NULL,
    uid           uuid    NOT NULL, -- what ledger leaves say instead of the id
    display_name  text    NOT NULL,
    team          text    NOT NULL,
    attributes    jsonb   NOT NULL DEFAULT '{}',
    gone          boolean NOT NULL DEFAULT false, -- left: never deleted, since votes and requests name them
    CONSTRAINT principals_pk PRIMARY KEY (kind, id),
    CONSTRAINT principals_uid_unique UNIQUE (uid),
    CONSTRAINT principals_kind_known CHECK (kind IN ('person', 'workload', 'agent')),
    CONSTRAINT principals_team_fk FOREIGN KEY (team) REFERENCES teams (name) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE group_members (
    group_name      text NOT NULL,
    principal_kind  text NOT NULL,
    principal_id    text NOT NULL,
    CONSTRAINT group_members_pk PRIMARY KEY (group_name, principal_kind, principal_id),
    CONSTRAINT group_members_group_fk FOREIGN KEY (group_name) REFERENCES groups (name) ON DELETE CASCADE,
    CONSTRAINT group_members_principal_fk FOREIGN KEY (principal_kind, principal_id) REFERENCES principals (kind, id)
);

CREATE TABLE resources (
    type          text  NOT NULL,
    id            text  NOT NULL,
    display_name  text  NOT NULL,
    team          text  NOT NULL,
    labels        jsonb NOT NULL DEFAULT '{}',
    attributes    jsonb NOT NULL DEFAULT '{}',
    parents       jsonb NOT NULL DEFAULT '[]', -- [{"type": …, "id": …}]
    gone          boolean NOT NULL DEFAULT false,
    CONSTRAINT resources_pk PRIMARY KEY (type, id),
    CONSTRAINT resources_team_fk FOREIGN KEY (team) REFERENCES teams (name) DEFERRABLE INITIALLY DEFERRED
);

-- Every version of a principal or resource that a decision may have read, by the digest of its canonical JSON: a
-- decision records the digests, so that it can be replayed after the directory has changed.
CREATE TABLE entity_versions (
    digest      bytea       NOT NULL,
    body        jsonb       NOT NULL,
    stored_at   timestamptz NOT NULL,
    CONSTRAINT entity_versions_pk PRIMARY KEY (digest),
    CONSTRAINT entity_versions_digest_length CHECK (octet_length(digest) = 32)
);

------------------------------------------------------------------------------------------------------------------
-- Policy versions: a folder of text, immutable, named by its digest.

CREATE TABLE policy_versions (
    digest        bytea       NOT NULL,
    files         jsonb       NOT NULL, -- {"tiers.toml": "…", "rules/x.cedar": "…"}
    state         text        NOT NULL,
    proposed_by   text,                 -- none: put in place by the operator at the first start
    published_at  timestamptz,
    created_at    timestamptz NOT NULL,
    CONSTRAINT policy_versions_pk PRIMARY KEY (digest),
    CONSTRAINT policy_versions_state_known CHECK (state IN ('draft', 'proposed', 'published', 'superseded', 'rejected'))
);
CREATE UNIQUE INDEX policy_versions_one_published ON policy_versions ((true)) WHERE state = 'published';

-- The text of a version never changes; its state may.
CREATE FUNCTION policy_version_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.digest <> OLD.digest OR NEW.files <> OLD.files THEN
        RAISE EXCEPTION 'a policy version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER policy_versions_text_stays BEFORE UPDATE ON policy_versions
    FOR EACH ROW EXECUTE FUNCTION policy_version_text_stays();

------------------------------------------------------------------------------------------------------------------
-- Clients: policy enforcement points with credentials.

CREATE TABLE clients (
    id            uuid        NOT NULL,
    name          text        NOT NULL,
    token_sha256  bytea       NOT NULL, -- of the whole token; tokens carry 256 random bits, so no slow hash is needed
    subjects      jsonb       NOT NULL, -- [{"kind": "workload", "id": "ci/*"}]: what it may ask about
    resources     jsonb       NOT NULL, -- [{"type": "service", "id": "*"}]
    trusted_keys  text[]      NOT NULL DEFAULT '{}', -- context keys that it may assert
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    CONSTRAINT clients_pk PRIMARY KEY (id),
    CONSTRAINT clients_name_unique UNIQUE (name),
    CONSTRAINT clients_token_unique UNIQUE (token_sha256)
);

------------------------------------------------------------------------------------------------------------------
-- Ledger.

-- What a transaction has done and the sequencer has not yet placed. One row a transaction; `leaves` are canonical
-- bytes in order, `hashes` their leaf hashes, 32 bytes each, one after the other.
CREATE TABLE ledger_pending (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL,
    leaves  bytea[]     NOT NULL,
    hashes  bytea       NOT NULL,
    CONSTRAINT ledger_pending_pk PRIMARY KEY (id),
    CONSTRAINT ledger_pending_hashes_match CHECK (octet_length(hashes) = 32 * cardinality(leaves))
);

CREATE TABLE ledger_leaves (
    index  bigint NOT NULL,
    bytes  bytea  NOT NULL,
    hash   bytea  NOT NULL,
    CONSTRAINT ledger_leaves_pk PRIMARY KEY (index),
    CONSTRAINT ledger_leaves_from_nought CHECK (index >= 0),
    CONSTRAINT ledger_leaves_small CHECK (octet_length(bytes) <= 4096),
    CONSTRAINT ledger_leaves_hash_length CHECK (octet_length(hash) = 32)
);
CREATE INDEX ledger_leaves_by_hash ON ledger_leaves USING hash (hash);

-- Where the sequencer stands: the compact tree. Compared and set, so that two sequencers cannot both place an entry.
CREATE TABLE ledger_head (
    only_one  boolean NOT NULL DEFAULT true,
    size      bigint  NOT NULL,
    frontier  bytea   NOT NULL, -- the hashes of the complete subtrees, largest first, 32 bytes each
    epoch     integer NOT NULL DEFAULT 1,
    CONSTRAINT ledger_head_pk PRIMARY KEY (only_one),
    CONSTRAINT ledger_head_only_one CHECK (only_one)
);
INSERT INTO ledger_head (size, frontier) VALUES (0, '');

CREATE TABLE ledger_checkpoints (
    size  bigint      NOT NULL,
    root  bytea       NOT NULL,
    note  text        NOT NULL, -- C2SP signed note
    at    timestamptz NOT NULL,
    CONSTRAINT ledger_checkpoints_pk PRIMARY KEY (size)
);

CREATE TRIGGER ledger_leaves_append_only BEFORE UPDATE OR DELETE ON ledger_leaves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_leaves_not_truncated BEFORE TRUNCATE ON ledger_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_checkpoints_append_only BEFORE UPDATE OR DELETE ON ledger_checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_checkpoints_not_truncated BEFORE TRUNCATE ON ledger_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every change of state. `body` is what the leaf commits to with `salt`.
CREATE TABLE events (
    id              uuid        NOT NULL, -- UUIDv7: ordered by time
    kind            text        NOT NULL,
    at              timestamptz NOT NULL,
    correlation_id  uuid        NOT NULL,
    actor_kind      text        NOT NULL, -- person, client, system
    actor_id        text        NOT NULL,
    object_kind     text        NOT NULL, -- access_request, grant, opt_out, policy, directory, client, session
    object_id       text        NOT NULL, -- outer form
    policy_digest   bytea,
    salt            bytea       NOT NULL,
    body            bytea       NOT NULL, -- canonical JSON
    leaf_hash       bytea       NOT NULL,
    CONSTRAINT events_pk PRIMARY KEY (id),
    CONSTRAINT events_actor_known CHECK (actor_kind IN ('person', 'client', 'system'))
);
CREATE INDEX events_by_object ON events (object_kind, object_id, id);
CREATE INDEX events_by_kind ON events (kind, id DESC);
CREATE INDEX events_by_actor ON events (actor_kind, actor_id, id DESC);
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_not_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

------------------------------------------------------------------------------------------------------------------
-- Access requests, grants, votes.

CREATE TABLE access_requests (
    id               uuid        NOT NULL,
    version          integer     NOT NULL DEFAULT 1,
    state            text        NOT NULL,
    stage            integer,
    client_id        uuid        NOT NULL,
    decision_id      uuid        NOT NULL, -- the denial that it is bound to
    principal_kind   text        NOT NULL,
    principal_id     text        NOT NULL,
    resource_type    text        NOT NULL,
    resource_id      text        NOT NULL,
    capability       text        NOT NULL,
    tuple_digest     bytea       NOT NULL,
    body             jsonb       NOT NULL, -- title, reason, ticket, actor, asserted context, rules: what approvers see
    tier             text        NOT NULL,
    tier_rank        integer     NOT NULL,
    policy_digest    bytea       NOT NULL,
    plan             jsonb       NOT NULL, -- frozen at submission; the union with a stricter one at a vote
    excluded         jsonb       NOT NULL,
    grant_secs       bigint      NOT NULL,
    requested_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    decided_at       timestamptz,
    CONSTRAINT access_requests_pk PRIMARY KEY (id),
    CONSTRAINT access_requests_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT access_requests_principal_fk FOREIGN KEY (principal_kind, principal_id) REFERENCES principals (kind, id),
    CONSTRAINT access_requests_resource_fk FOREIGN KEY (resource_type, resource_id) REFERENCES resources (type, id),
    CONSTRAINT access_requests_state_known CHECK (state IN
        ('submitted', 'in_review', 'approved', 'denied', 'withdrawn', 'expired', 'voided')),
    CONSTRAINT access_requests_stage_in_review CHECK ((state = 'in_review') = (stage IS NOT NULL)),
    CONSTRAINT access_requests_ends CHECK (expires_at > requested_at),
    CONSTRAINT access_requests_grant_positive CHECK (grant_secs > 0)
);
CREATE INDEX access_requests_pending ON access_requests (expires_at) WHERE state IN ('submitted', 'in_review');
CREATE INDEX access_requests_by_tuple ON access_requests (principal_kind, principal_id, resource_type, resource_id, capability, id DESC);

CREATE TABLE idempotency_keys (
    client_id    uuid        NOT NULL,
    key          text        NOT NULL,
    body_digest  bytea       NOT NULL,
    request_id   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pk PRIMARY KEY (client_id, key),
    CONSTRAINT idempotency_keys_request_fk FOREIGN KEY (request_id) REFERENCES access_requests (id)
);

CREATE TABLE grants (
    id              uuid        NOT NULL,
    version         integer     NOT NULL DEFAULT 1,
    request_id      uuid        NOT NULL,
    principal_kind  text        NOT NULL,
    principal_id    text        NOT NULL,
    resource_type   text        NOT NULL,
    resource_id     text        NOT NULL,
    capability      text        NOT NULL,
    tuple_digest    bytea       NOT NULL,
    tier            text        NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    approved_at     timestamptz NOT NULL,
    ended_at        timestamptz,
    end_kind        text,
    end_reported    boolean     NOT NULL DEFAULT false, -- a worker has written `grant.ended`
    CONSTRAINT grants_pk PRIMARY KEY (id),
    -- Votes never produce two grants, whatever the concurrency.
    CONSTRAINT grants_one_per_request UNIQUE (request_id),
    CONSTRAINT grants_request_fk FOREIGN KEY (request_id) REFERENCES access_requests (id),
    CONSTRAINT grants_principal_fk FOREIGN KEY (principal_kind, principal_id) REFERENCES principals (kind, id),
    CONSTRAINT grants_end_after_start CHECK (ends_at > starts_at),
    CONSTRAINT grants_end_kind_known CHECK (end_kind IN ('revoked', 'relinquished')),
    CONSTRAINT grants_end_whole CHECK ((ended_at IS NULL) = (end_kind IS NULL))
);
CREATE INDEX grants_by_end ON grants (ends_at) WHERE ended_at IS NULL;

CREATE TABLE opt_outs (
    id              uuid        NOT NULL,
    version         integer     NOT NULL DEFAULT 1,
    revision        integer     NOT NULL,
    state           text        NOT NULL,
    stage           integer,
    direction       text        NOT NULL,
    title           text        NOT NULL,
    scenario        text        NOT NULL,
    requester_kind  text        NOT NULL DEFAULT 'person',
    requester_id    text        NOT NULL,
    tier            text        NOT NULL,
    tier_rank       integer     NOT NULL,
    teams           text[]      NOT NULL,
    policy_digest   bytea       NOT NULL,
    plan            jsonb       NOT NULL,
    excluded        jsonb       NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL, -- there is no opt-out without an end
    scheduled       boolean     NOT NULL, -- the requester chose the start; else it starts when it is approved
    longest_secs    bigint      NOT NULL, -- the cap that tier, scenario and group set at submission
    max_uses        integer,
    uses            integer     NOT NULL DEFAULT 0,
    requested_at    timestamptz NOT NULL,
    lapses_at       timestamptz NOT NULL,
    approved_at     timestamptz,
    end_reported    boolean     NOT NULL DEFAULT false, -- a worker has written the derived end
    CONSTRAINT opt_outs_pk PRIMARY KEY (id),
    CONSTRAINT opt_outs_requester_person CHECK (requester_kind = 'person'),
    CONSTRAINT opt_outs_requester_fk FOREIGN KEY (requester_kind, requester_id) REFERENCES principals (kind, id),
    CONSTRAINT opt_outs_direction_known CHECK (direction IN ('to_manual', 'bypass')),
    CONSTRAINT opt_outs_state_known CHECK (state IN
        ('requested', 'in_review', 'approved', 'active', 'suspended', 'expired', 'revoked', 'exhausted',
         'closed_early', 'rejected', 'withdrawn', 'lapsed')),
    CONSTRAINT opt_outs_stage_in_review CHECK ((state = 'in_review') = (stage IS NOT NULL)),
    CONSTRAINT opt_outs_end_after_start CHECK (ends_at > starts_at),
    CONSTRAINT opt_outs_within_cap CHECK (ends_at - starts_at <= make_interval(secs => longest_secs)),
    CONSTRAINT opt_outs_uses_within_limit CHECK (max_uses IS NULL OR uses <= max_uses),
    CONSTRAINT opt_outs_limit_for_bypass CHECK (max_uses IS NULL OR direction = 'bypass')
);
CREATE INDEX opt_outs_standing ON opt_outs (ends_at) WHERE state IN ('approved', 'active', 'suspended');
CREATE INDEX opt_outs_pending ON opt_outs (lapses_at) WHERE state IN ('requested', 'in_review');

-- Immutable: what was in force when. A decision records (id, revision).
CREATE TABLE opt_out_revisions (
    opt_out_id  uuid        NOT NULL,
    revision    integer     NOT NULL,
    body        jsonb       NOT NULL, -- domain::opt_out::OptOut
    at          timestamptz NOT NULL,
    CONSTRAINT opt_out_revisions_pk PRIMARY KEY (opt_out_id, revision),
    CONSTRAINT opt_out_revisions_opt_out_fk FOREIGN KEY (opt_out_id) REFERENCES opt_outs (id)
);
CREATE TRIGGER opt_out_revisions_append_only BEFORE UPDATE OR DELETE ON opt_out_revisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER opt_out_revisions_not_truncated BEFORE TRUNCATE ON opt_out_revisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One vote per person and item. Only persons have votes: a constraint, not an `if`.
CREATE TABLE votes (
    id           uuid        NOT NULL,
    item_kind    text        NOT NULL,
    item_id      uuid        NOT NULL,
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    stage        integer     NOT NULL,
    verdict      text        NOT NULL,
    capacities   jsonb       NOT NULL,
    reason       text        NOT NULL,
    at           timestamptz NOT NULL,
    CONSTRAINT votes_pk PRIMARY KEY (id),
    CONSTRAINT votes_item_known CHECK (item_kind IN ('access_request', 'opt_out')),
    CONSTRAINT votes_once_per_person UNIQUE (item_kind, item_id, person_id),
    CONSTRAINT votes_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT votes_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT votes_verdict_known CHECK (verdict IN ('approve', 'deny')),
    CONSTRAINT votes_deny_needs_reason CHECK (verdict = 'approve' OR btrim(reason) <> '')
);
CREATE TRIGGER votes_append_only BEFORE UPDATE OR DELETE ON votes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

------------------------------------------------------------------------------------------------------------------
-- Decisions. Partitioned by id, which begins with the time: dropping an old month drops its partitions whole.

CREATE TABLE decisions (
    id              uuid        NOT NULL,
    at              timestamptz NOT NULL,
    generation      bigint      NOT NULL,
    policy_digest   bytea       NOT NULL,
    client_id       uuid,
    principal_kind  text        NOT NULL,
    principal_id    text        NOT NULL,
    resource_type   text        NOT NULL,
    resource_id     text        NOT NULL,
    capability      text        NOT NULL,
    tier            text        NOT NULL,
    base            text        NOT NULL,
    effective       text        NOT NULL,
    answer          boolean     NOT NULL,
    grant_id        uuid,
    salt            bytea       NOT NULL,
    record          bytea       NOT NULL, -- JSON: input, raw request, entity digests, matches, opt-outs, engine versions
    leaf_hash       bytea       NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (id),
    CONSTRAINT decisions_outcomes_known CHECK (base IN ('automate', 'review', 'deny')
        AND effective IN ('automate', 'review', 'deny')),
    CONSTRAINT decisions_deny_never_allows CHECK (NOT (answer AND effective = 'deny'))
) PARTITION BY RANGE (id);
CREATE TABLE decisions_default PARTITION OF decisions DEFAULT;
CREATE INDEX decisions_by_resource ON decisions (resource_type, resource_id, id DESC);

-- Row triggers on a partitioned table reach every partition; TRUNCATE triggers do not, so each partition has its own.
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_not_truncated BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_default_not_truncated BEFORE TRUNCATE ON decisions_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The first UUIDv7 of an instant: 48 bits of milliseconds, then noughts.
CREATE FUNCTION uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of whole months from the one of `first` up to and with the one of `last`. Runs as the owner
-- (SECURITY DEFINER), since the serving role may create nothing.
CREATE FUNCTION make_decision_partitions(first timestamptz, last timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month timestamptz := date_trunc('month', first, 'UTC');
    made  integer := 0;
    name  text;
BEGIN
    PERFORM pg_advisory_xact_lock(7311501);
    WHILE month <= last LOOP
        name := 'decisions_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF decisions FOR VALUES FROM (%L) TO (%L)',
                name, uuid_at(month), uuid_at(month + interval '1 month'));
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
                name || '_not_truncated', name);
            made := made + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END
$$;

-- One row per decision and opt-out that applied to it.
CREATE TABLE opt_out_uses (
    opt_out_id   uuid        NOT NULL,
    decision_id  uuid        NOT NULL,
    revision     integer     NOT NULL,
    at           timestamptz NOT NULL,
    credited     boolean     NOT NULL,
    base         text        NOT NULL,
    effective    text        NOT NULL,
    CONSTRAINT opt_out_uses_pk PRIMARY KEY (opt_out_id, decision_id)
);
CREATE TRIGGER opt_out_uses_append_only BEFORE UPDATE OR DELETE ON opt_out_uses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

------------------------------------------------------------------------------------------------------------------
-- Privileges of the serving role.

GRANT USAGE ON SCHEMA public TO spillway_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO spillway_app;
GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO spillway_app;
GRANT INSERT ON decisions, opt_out_uses, events, votes, opt_out_revisions, entity_versions, ledger_leaves,
    ledger_checkpoints, ledger_pending, idempotency_keys, policy_versions, clients, principals, groups, teams,
    resources, group_members, access_requests, grants, opt_outs TO spillway_app;
GRANT UPDATE ON ledger_head, policy_versions, clients, principals, groups, teams, resources,
    access_requests, grants, opt_outs TO spillway_app;
GRANT DELETE ON ledger_pending, group_members, groups, teams, idempotency_keys TO spillway_app;
