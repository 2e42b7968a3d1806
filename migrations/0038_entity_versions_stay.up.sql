-- A decision replays under the entity versions that it names, so the owner cannot change one by accident either.
CREATE TRIGGER entity_versions_append_only BEFORE UPDATE OR DELETE ON entity_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entity_versions_not_truncated BEFORE TRUNCATE ON entity_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
