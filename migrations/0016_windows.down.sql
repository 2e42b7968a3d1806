DROP TRIGGER opt_outs_hours_stay ON opt_outs;
DROP FUNCTION hours_stay();
ALTER TABLE opt_outs DROP CONSTRAINT opt_outs_signals_have_no_hours, DROP CONSTRAINT opt_outs_recurrence_whole;
ALTER TABLE opt_outs DROP COLUMN recurrence;
