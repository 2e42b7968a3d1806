-- Ids of principals and resources have up to 1,024 characters and 2,048 bytes. An index entry has at most 2,704 bytes, so no
-- index may hold two such ids, or one and two names. What is left out is read from the few rows that the rest finds.
DROP INDEX access_requests_by_tuple;
CREATE INDEX access_requests_by_principal ON access_requests (principal_kind, principal_id, id DESC);
CREATE INDEX access_requests_by_resource ON access_requests (resource_type, resource_id, id DESC);

DROP INDEX break_glass_spells_by_team;
CREATE INDEX break_glass_spells_by_team ON break_glass_spells (team, ends_at);
