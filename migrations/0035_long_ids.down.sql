DROP INDEX break_glass_spells_by_team;
CREATE INDEX break_glass_spells_by_team ON break_glass_spells (team, resource_type, resource_id, ends_at);

DROP INDEX access_requests_by_resource;
DROP INDEX access_requests_by_principal;
CREATE INDEX access_requests_by_tuple ON access_requests (principal_kind, principal_id, resource_type, resource_id, capability, id DESC);
