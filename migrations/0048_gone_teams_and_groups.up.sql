-- Teams and groups that are gone stay as rows while principals and resources that are gone name them: marked like those,
-- they are no part of the directory any more.
ALTER TABLE teams ADD COLUMN gone boolean NOT NULL DEFAULT false;
ALTER TABLE groups ADD COLUMN gone boolean NOT NULL DEFAULT false;
