-- When access is wanted, and what nobody can decide.

-- From when until when a client asked for access. `grant_secs` is the length, which approvers shorten and whose clock runs
-- from the approval; these are instants, which a late approval does not move. Requests from before have kept a length alone.
ALTER TABLE access_requests
    ADD COLUMN wanted_from timestamptz,  -- none: from the approval
    ADD COLUMN wanted_until timestamptz, -- none: for the length
    ADD CONSTRAINT access_requests_wanted_forward CHECK (wanted_until > wanted_from),
    -- Nobody can approve it after its end, so nobody is asked any longer.
    ADD CONSTRAINT access_requests_lapse_before_end CHECK (expires_at <= wanted_until);

-- That too few are left to decide an item, and its fallback is not enough, is said once: to whoever asked and to the
-- administrators. A row stands for having said so.
CREATE TABLE undecidable_items (
    item_kind text        NOT NULL,
    item_id   uuid        NOT NULL,
    noted_at  timestamptz NOT NULL,
    CONSTRAINT undecidable_items_pk PRIMARY KEY (item_kind, item_id),
    CONSTRAINT undecidable_items_item_known CHECK (item_kind IN ('access_request', 'opt_out'))
);
GRANT SELECT, INSERT ON undecidable_items TO spillway_app;
