-- The role stays: it belongs to the cluster, and another database may use it.
DROP TABLE opt_out_uses, decisions, votes, opt_out_revisions, opt_outs, grants, idempotency_keys, access_requests,
    events, ledger_checkpoints, ledger_head, ledger_leaves, ledger_pending, clients, policy_versions,
    entity_versions, resources, group_members, principals, groups, teams, installation CASCADE;
DROP FUNCTION make_decision_partitions(timestamptz, timestamptz);
DROP FUNCTION uuid_at(timestamptz);
DROP FUNCTION policy_version_text_stays();
DROP FUNCTION raise_generation();
DROP FUNCTION hold_generation();
DROP SEQUENCE generation;
DROP FUNCTION refuse_change();
REVOKE ALL ON SCHEMA public FROM spillway_app;
