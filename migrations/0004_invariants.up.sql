-- Invariants that only code kept so far.

-- One request per denial: whoever sends a submission again, or twice at the same moment, gets the first one. It also is
-- the index by which a submission finds that there is one.
ALTER TABLE access_requests ADD CONSTRAINT access_requests_one_per_denial UNIQUE (decision_id);

-- Terminal states never change (invariant 7), whatever the serving role is made to write. Counting a use is no change of
-- state: a decision that was evaluated while an opt-out stood may be recorded just after its end was.
CREATE FUNCTION terminal_state_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a terminal state never changes' USING
        ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_terminal_state_stays', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER access_requests_terminal_state_stays BEFORE UPDATE ON access_requests FOR EACH ROW
    WHEN (OLD.state IN ('approved', 'denied', 'withdrawn', 'expired', 'voided')
        AND (NEW.state, NEW.stage, NEW.plan, NEW.grant_secs, NEW.decided_at)
            IS DISTINCT FROM (OLD.state, OLD.stage, OLD.plan, OLD.grant_secs, OLD.decided_at))
    EXECUTE FUNCTION terminal_state_stays();
CREATE TRIGGER opt_outs_terminal_state_stays BEFORE UPDATE ON opt_outs FOR EACH ROW
    WHEN (OLD.state IN ('expired', 'revoked', 'exhausted', 'closed_early', 'rejected', 'withdrawn', 'lapsed')
        AND (NEW.state, NEW.stage, NEW.revision, NEW.starts_at, NEW.ends_at, NEW.max_uses)
            IS DISTINCT FROM (OLD.state, OLD.stage, OLD.revision, OLD.starts_at, OLD.ends_at, OLD.max_uses))
    EXECUTE FUNCTION terminal_state_stays();
-- A grant that was ended stays so, one whose end was reported is not ended once more, and no grant gets another window.
CREATE TRIGGER grants_terminal_state_stays BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (((OLD.ended_at IS NOT NULL OR OLD.end_reported)
            AND (NEW.ended_at, NEW.end_kind) IS DISTINCT FROM (OLD.ended_at, OLD.end_kind))
        OR (NEW.starts_at, NEW.ends_at, NEW.tuple_digest, NEW.tier)
            IS DISTINCT FROM (OLD.starts_at, OLD.ends_at, OLD.tuple_digest, OLD.tier))
    EXECUTE FUNCTION terminal_state_stays();
