DROP TABLE roles_seen_version;
