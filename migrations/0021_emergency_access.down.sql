-- The older program knows no emergency access, and one request per denial. What was done so goes; the events that say so,
-- and what they are in the ledger, stay.
DROP TRIGGER post_reviews_terminal_state_stays ON post_reviews;
ALTER TABLE post_reviews DROP CONSTRAINT post_reviews_access_broke_glass;
ALTER TABLE post_reviews DROP CONSTRAINT post_reviews_access_request_fk;
ALTER TABLE post_reviews DROP CONSTRAINT post_reviews_access_request_once;
ALTER TABLE post_reviews DROP CONSTRAINT post_reviews_of_one;
DELETE FROM post_reviews WHERE access_request_id IS NOT NULL;
ALTER TABLE post_reviews DROP COLUMN access_request_id;
ALTER TABLE post_reviews ALTER COLUMN opt_out_id SET NOT NULL;
CREATE TRIGGER post_reviews_terminal_state_stays BEFORE UPDATE ON post_reviews FOR EACH ROW
    WHEN (OLD.state <> 'owed' OR (NEW.opt_out_id, NEW.cause, NEW.team, NEW.about_id, NEW.owed_at, NEW.due_at)
        IS DISTINCT FROM (OLD.opt_out_id, OLD.cause, OLD.team, OLD.about_id, OLD.owed_at, OLD.due_at))
    EXECUTE FUNCTION terminal_state_stays();

ALTER TABLE break_glass_spells DROP CONSTRAINT break_glass_spells_access_request_fk;
ALTER TABLE break_glass_spells DROP CONSTRAINT break_glass_spells_of_one;
ALTER TABLE break_glass_spells DROP CONSTRAINT break_glass_spells_pk;
DELETE FROM break_glass_spells WHERE access_request_id IS NOT NULL;
ALTER TABLE break_glass_spells DROP COLUMN broken_id;
ALTER TABLE break_glass_spells DROP COLUMN access_request_id;
ALTER TABLE break_glass_spells ALTER COLUMN opt_out_id SET NOT NULL;
ALTER TABLE break_glass_spells ADD CONSTRAINT break_glass_spells_pk PRIMARY KEY (opt_out_id, resource_type, resource_id);

DROP TRIGGER grants_break_glass_stays ON grants;
DROP TRIGGER access_requests_break_glass_stays ON access_requests;
DROP FUNCTION break_glass_stays();
DELETE FROM grants WHERE break_glass;
ALTER TABLE grants DROP CONSTRAINT grants_break_glass_longest;
ALTER TABLE grants DROP CONSTRAINT grants_no_role_by_break_glass;
ALTER TABLE grants DROP COLUMN break_glass;
DELETE FROM access_requests WHERE break_glass IS NOT NULL;
DROP INDEX access_requests_one_per_denial;
ALTER TABLE access_requests DROP COLUMN break_glass;
ALTER TABLE access_requests ADD CONSTRAINT access_requests_one_per_denial UNIQUE (decision_id);
