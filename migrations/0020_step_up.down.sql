ALTER TABLE votes
    DROP COLUMN shown_digest,
    DROP COLUMN step_up_id,
    DROP COLUMN auth_time,
    DROP COLUMN acr;
DROP TABLE step_ups;
