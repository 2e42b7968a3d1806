-- Fails where a signal has opened an opt-out: without these columns nobody could be told to have asked for it, and what has
-- happened is not deleted.
DELETE FROM deliveries WHERE body ->> 'kind' IN ('signalled', 'confirmed');
DELETE FROM notices WHERE kind IN ('signalled', 'confirmed');
DROP FUNCTION count_signals(uuid);
DROP TABLE signal_alarms;
DROP TABLE signals;
ALTER TABLE opt_outs DROP CONSTRAINT opt_outs_signals_are_strict;
ALTER TABLE opt_outs DROP CONSTRAINT opt_outs_come_from_one;
ALTER TABLE opt_outs DROP CONSTRAINT opt_outs_opened_by_client_fk;
ALTER TABLE opt_outs DROP COLUMN opened_by_client;
ALTER TABLE opt_outs ALTER COLUMN requester_id SET NOT NULL;
ALTER TABLE clients DROP COLUMN signals;
