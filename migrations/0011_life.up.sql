-- The life of an opt-out beyond one approval: what it is charged to, what it renews, and when it closes because nobody
-- needs it. What is stored already is a line of its own, charged as if it had been from the beginning.

------------------------------------------------------------------------------------------------------------------
-- Renewal, and the early end of what is needless.
ALTER TABLE opt_outs
    ADD COLUMN parent_id    uuid,                        -- what it renews
    ADD COLUMN generation   integer NOT NULL DEFAULT 0,  -- how often it was renewed by now
    ADD COLUMN must_end_by  timestamptz,                 -- when the last of a line must have ended
    ADD COLUMN closes_at    timestamptz,                 -- found needless: when it closes unless somebody answers
    ADD CONSTRAINT opt_outs_parent_fk FOREIGN KEY (parent_id) REFERENCES opt_outs (id),
    ADD CONSTRAINT opt_outs_renewal_whole CHECK ((parent_id IS NULL) = (generation = 0)),
    ADD CONSTRAINT opt_outs_generation_positive CHECK (generation >= 0),
    ADD CONSTRAINT opt_outs_not_its_own_parent CHECK (parent_id <> id),
    ADD CONSTRAINT opt_outs_within_the_age_of_its_line CHECK (ends_at <= must_end_by),
    -- A `to_manual` that has nothing to do is still wanted.
    ADD CONSTRAINT opt_outs_needless_for_bypass CHECK (closes_at IS NULL OR direction = 'bypass');
CREATE INDEX opt_outs_by_parent ON opt_outs (parent_id) WHERE parent_id IS NOT NULL;

------------------------------------------------------------------------------------------------------------------
-- Budgets. A bypass is charged at submission to each team that owns what it covers, at its tier. A charge counts for 30
-- days, or until it is released since nobody got the bypass. A pending one whose time to be decided is over counts no
-- more, whether or not a worker has written its release.
CREATE TABLE budget_charges (
    opt_out_id   uuid        NOT NULL,
    team         text        NOT NULL,
    tier         text        NOT NULL,
    charged_at   timestamptz NOT NULL,
    released_at  timestamptz,
    CONSTRAINT budget_charges_pk PRIMARY KEY (opt_out_id, team, tier),
    CONSTRAINT budget_charges_opt_out_fk FOREIGN KEY (opt_out_id) REFERENCES opt_outs (id),
    CONSTRAINT budget_charges_released_after CHECK (released_at >= charged_at)
);
CREATE INDEX budget_charges_by_time ON budget_charges (charged_at);

-- A charge is made once and released once; nothing else about it ever changes.
CREATE FUNCTION budget_charge_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_at IS NOT NULL
        OR (NEW.opt_out_id, NEW.team, NEW.tier, NEW.charged_at)
            IS DISTINCT FROM (OLD.opt_out_id, OLD.team, OLD.tier, OLD.charged_at) THEN
        RAISE EXCEPTION 'a charge is released once and never changes' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'budget_charges_stay', TABLE = 'budget_charges';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER budget_charges_stay BEFORE UPDATE ON budget_charges
    FOR EACH ROW EXECUTE FUNCTION budget_charge_stays();
CREATE TRIGGER budget_charges_not_deleted BEFORE DELETE ON budget_charges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER budget_charges_not_truncated BEFORE TRUNCATE ON budget_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The bypasses of before, without those that nobody got.
INSERT INTO budget_charges (opt_out_id, team, tier, charged_at)
SELECT o.id, t.team, o.tier, o.requested_at
  FROM opt_outs o CROSS JOIN LATERAL (SELECT DISTINCT unnest(o.teams)) AS t (team)
 WHERE o.direction = 'bypass' AND o.state NOT IN ('rejected', 'withdrawn', 'lapsed');

GRANT SELECT, INSERT ON budget_charges TO spillway_app;
GRANT UPDATE (released_at) ON budget_charges TO spillway_app;
