-- Who leaves the directory takes nothing along: sign-ins, sessions, grants and delegations end with the import.

-- Whether the directory file lists this sign-in. One that it lists no longer signs nobody in; the row stays, since votes were
-- cast by it, and since a sign-in must not move to somebody else.
ALTER TABLE sign_ins ADD COLUMN listed boolean NOT NULL DEFAULT true;

-- A delegation that ended because one of its two persons left has nobody who ended it.
ALTER TABLE delegations DROP CONSTRAINT delegations_ended_whole;
ALTER TABLE delegations ADD CONSTRAINT delegations_ender_of_an_end CHECK (ender_id IS NULL OR ended_at IS NOT NULL);
