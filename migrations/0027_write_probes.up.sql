-- What a node writes and takes back to find out whether the database takes writes. It is always empty. The filler is not
-- compressed, so that a probe needs as much room on the disk as it says.
CREATE TABLE write_probes (
    filler bytea NOT NULL
);
ALTER TABLE write_probes ALTER COLUMN filler SET STORAGE EXTERNAL;
GRANT INSERT ON write_probes TO spillway_app;
