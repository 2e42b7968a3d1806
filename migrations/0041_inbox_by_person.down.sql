DROP INDEX opt_outs_asked;
DROP INDEX access_requests_asked;
DROP FUNCTION names_in_plan(jsonb);
