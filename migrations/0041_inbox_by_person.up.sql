-- The inbox is selected by whom a plan asks, before anything is left out of it: a list of the 500 items that end first,
-- looked through for one's own, showed nothing to anybody whose items ended later than those of somebody who sent many.

-- Every name in a plan: groups and persons, and the names of the stages, which do no harm. Who may really vote is decided
-- in `domain`; this says who may not be left out.
CREATE FUNCTION names_in_plan(plan jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_path_query_array(plan, '$.** ? (@.type() == "string")');

CREATE INDEX access_requests_asked ON access_requests USING gin (names_in_plan(plan))
    WHERE state IN ('submitted', 'in_review');
CREATE INDEX opt_outs_asked ON opt_outs USING gin (names_in_plan(plan))
    WHERE state IN ('requested', 'in_review', 'suspended');
