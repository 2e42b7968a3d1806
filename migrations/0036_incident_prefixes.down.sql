ALTER TABLE clients DROP COLUMN incident_prefix;
