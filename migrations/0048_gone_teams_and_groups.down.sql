DELETE FROM teams t WHERE gone AND NOT EXISTS (SELECT FROM principals p WHERE p.team = t.name)
    AND NOT EXISTS (SELECT FROM resources r WHERE r.team = t.name);
DELETE FROM groups g WHERE gone AND NOT EXISTS (SELECT FROM teams t WHERE t.owners = g.name);
ALTER TABLE groups DROP COLUMN gone;
ALTER TABLE teams DROP COLUMN gone;
