-- Of which incidents a client may tell: those whose ids begin with this; none: of none. Before, the first client that named an
-- id had it, so one could take the next numbers of another, or resolve them and so end what was bound to them. `incidents` stays
-- for nodes of the version before.
ALTER TABLE clients ADD COLUMN incident_prefix text;
ALTER TABLE clients ADD CONSTRAINT clients_incident_prefix_fits CHECK (char_length(incident_prefix) < 64);
UPDATE clients SET incident_prefix = '' WHERE incidents;
