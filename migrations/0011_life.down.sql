DROP TABLE budget_charges;
DROP FUNCTION budget_charge_stays();
DROP INDEX opt_outs_by_parent;
ALTER TABLE opt_outs
    DROP COLUMN parent_id,
    DROP COLUMN generation,
    DROP COLUMN must_end_by,
    DROP COLUMN closes_at;
