-- The hours of the week in which an opt-out applies, within its window: {days, from, until, zone}. The revision holds them
-- too, for replay; here they are for who reads the table: with the window, they are all that "in force" follows from.
ALTER TABLE opt_outs ADD COLUMN recurrence jsonb;
ALTER TABLE opt_outs ADD CONSTRAINT opt_outs_recurrence_whole CHECK (recurrence IS NULL OR (
    jsonb_typeof(recurrence) = 'object'
    AND recurrence ?& ARRAY['days', 'from', 'until', 'zone']
    AND jsonb_array_length(recurrence -> 'days') BETWEEN 1 AND 7));
-- What a monitoring tool opens applies at once, and all the time.
ALTER TABLE opt_outs ADD CONSTRAINT opt_outs_signals_have_no_hours CHECK (recurrence IS NULL OR opened_by_client IS NULL);

-- Approvers narrow the window, the scope and the uses. The hours stay as they were asked for: no other hours are a part of
-- these for certain, once clocks are put forward or back.
CREATE FUNCTION hours_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the hours of an opt-out stay as they were asked for' USING
        ERRCODE = 'check_violation', CONSTRAINT = 'opt_outs_hours_stay', TABLE = 'opt_outs';
END
$$;
CREATE TRIGGER opt_outs_hours_stay BEFORE UPDATE ON opt_outs FOR EACH ROW
    WHEN (NEW.recurrence IS DISTINCT FROM OLD.recurrence)
    EXECUTE FUNCTION hours_stay();
