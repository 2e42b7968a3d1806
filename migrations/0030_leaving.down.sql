-- What ended without an ender counts as ended by who lent: nothing else is known of it.
UPDATE delegations SET ender_id = from_id WHERE ended_at IS NOT NULL AND ender_id IS NULL;
ALTER TABLE delegations DROP CONSTRAINT delegations_ender_of_an_end;
ALTER TABLE delegations ADD CONSTRAINT delegations_ended_whole CHECK ((ended_at IS NULL) = (ender_id IS NULL));
ALTER TABLE sign_ins DROP COLUMN listed;
