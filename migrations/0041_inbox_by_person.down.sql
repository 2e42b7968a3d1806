DROP INDEX opt_outs_asked;
DROP INDEX access_requests_asked;
ALTER TABLE opt_outs DROP COLUMN asked;
ALTER TABLE access_requests DROP COLUMN asked;
