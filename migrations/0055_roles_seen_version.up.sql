-- Differs whenever somebody's last sign-in gave other rights to decide than the one before: nodes hold who can decide in
-- memory, and read it again where this is another one.
CREATE TABLE roles_seen_version (
    only_one boolean NOT NULL DEFAULT true,
    epoch    uuid    NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT roles_seen_version_pk PRIMARY KEY (only_one),
    CONSTRAINT roles_seen_version_only_one CHECK (only_one)
);
INSERT INTO roles_seen_version DEFAULT VALUES;

GRANT SELECT, UPDATE ON roles_seen_version TO spillway_app;
