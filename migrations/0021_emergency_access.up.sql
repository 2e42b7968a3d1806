-- Emergency access: the glass is broken for a grant on just what was refused, not only for a bypass of a rule.

-- What an access request records of the glass that was broken for it: incident, team, sign-in. Absent: it is an ordinary one.
ALTER TABLE access_requests ADD COLUMN break_glass jsonb;

-- One request per denial, but whoever breaks the glass does not take the ordinary one away, which may be pending still;
-- and the glass may be broken again for what was refused, once an hour was not enough.
ALTER TABLE access_requests DROP CONSTRAINT access_requests_one_per_denial;
CREATE UNIQUE INDEX access_requests_one_per_denial ON access_requests (decision_id) WHERE break_glass IS NULL;

-- A grant that nobody, or but a second person, approved opens less than one that was approved: decisions look at this on
-- their path. It opens no role, since whoever holds a role may do more than what was refused.
ALTER TABLE grants ADD COLUMN break_glass boolean NOT NULL DEFAULT false;
ALTER TABLE grants ADD CONSTRAINT grants_no_role_by_break_glass CHECK
    (NOT (break_glass AND resource_type = 'role' AND capability = 'member'));
ALTER TABLE grants ADD CONSTRAINT grants_break_glass_longest CHECK
    (NOT break_glass OR ends_at - starts_at <= interval '4 hours');

-- What a glass was broken for does not change, whatever else does.
CREATE FUNCTION break_glass_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a broken glass stays broken' USING
        ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_break_glass_stays', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER access_requests_break_glass_stays BEFORE UPDATE ON access_requests FOR EACH ROW
    WHEN (NEW.break_glass IS DISTINCT FROM OLD.break_glass) EXECUTE FUNCTION break_glass_stays();
CREATE TRIGGER grants_break_glass_stays BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (NEW.break_glass IS DISTINCT FROM OLD.break_glass) EXECUTE FUNCTION break_glass_stays();

-- Hours are those of bypasses and of access together. Each row is of the one or of the other.
ALTER TABLE break_glass_spells DROP CONSTRAINT break_glass_spells_pk;
ALTER TABLE break_glass_spells ALTER COLUMN opt_out_id DROP NOT NULL;
ALTER TABLE break_glass_spells ADD COLUMN access_request_id uuid;
ALTER TABLE break_glass_spells ADD COLUMN broken_id uuid GENERATED ALWAYS AS (coalesce(opt_out_id, access_request_id)) STORED;
ALTER TABLE break_glass_spells ADD CONSTRAINT break_glass_spells_pk PRIMARY KEY (broken_id, resource_type, resource_id);
ALTER TABLE break_glass_spells ADD CONSTRAINT break_glass_spells_of_one CHECK
    (num_nonnulls(opt_out_id, access_request_id) = 1);
ALTER TABLE break_glass_spells ADD CONSTRAINT break_glass_spells_access_request_fk
    FOREIGN KEY (access_request_id) REFERENCES access_requests (id);

-- So are the reviews that are owed.
ALTER TABLE post_reviews ALTER COLUMN opt_out_id DROP NOT NULL;
ALTER TABLE post_reviews ADD COLUMN access_request_id uuid;
ALTER TABLE post_reviews ADD CONSTRAINT post_reviews_of_one CHECK (num_nonnulls(opt_out_id, access_request_id) = 1);
ALTER TABLE post_reviews ADD CONSTRAINT post_reviews_access_request_once UNIQUE (access_request_id);
ALTER TABLE post_reviews ADD CONSTRAINT post_reviews_access_request_fk
    FOREIGN KEY (access_request_id) REFERENCES access_requests (id);
-- Access is reviewed for one cause alone.
ALTER TABLE post_reviews ADD CONSTRAINT post_reviews_access_broke_glass CHECK
    (access_request_id IS NULL OR cause = 'break_glass');
DROP TRIGGER post_reviews_terminal_state_stays ON post_reviews;
CREATE TRIGGER post_reviews_terminal_state_stays BEFORE UPDATE ON post_reviews FOR EACH ROW
    WHEN (OLD.state <> 'owed'
        OR (NEW.opt_out_id, NEW.access_request_id, NEW.cause, NEW.team, NEW.about_id, NEW.owed_at, NEW.due_at)
        IS DISTINCT FROM
           (OLD.opt_out_id, OLD.access_request_id, OLD.cause, OLD.team, OLD.about_id, OLD.owed_at, OLD.due_at))
    EXECUTE FUNCTION terminal_state_stays();
