DROP FUNCTION record_decisions(bigint, timestamptz, bytea, uuid[], integer[], uuid[], timestamptz[], uuid[], text[], text[],
    text[], text[], text[], text[], text[], text[], boolean[], uuid[], bytea[], bytea[], bytea[], uuid[], uuid[], integer[],
    timestamptz[], boolean[], text[], text[], text[], bytea[], bytea);
DROP FUNCTION use_effect;
ALTER TABLE opt_out_uses DROP COLUMN effect;
