-- Long values are compressed by lz4, where this PostgreSQL was built with it: that costs less time than its own method. The
-- leaves of a batch are long enough, and so are records with much context or many entities.
-- What is stored already stays as it is; either is read back alike.
DO $$
BEGIN
    -- Existing partitions follow, and later ones inherit it.
    ALTER TABLE decisions ALTER COLUMN record SET COMPRESSION lz4;
    ALTER TABLE ledger_pending ALTER COLUMN leaves SET COMPRESSION lz4;
    -- Hashes do not compress.
    ALTER TABLE ledger_pending ALTER COLUMN hashes SET STORAGE EXTERNAL;
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'this PostgreSQL has no lz4: long values keep the default compression';
END
$$;
