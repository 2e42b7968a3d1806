-- Tokens are rotated without a moment in which neither works: the one before stays valid for a while.

ALTER TABLE clients
    ADD COLUMN token_made_at timestamptz, -- none: at registration
    ADD COLUMN last_used_at  timestamptz; -- with the present token; noted at most once a minute by each node

-- Tokens that were rotated out. A row stays when its time is over: nothing is hard-deleted.
CREATE TABLE client_former_tokens (
    token_sha256  bytea       NOT NULL,
    client_id     uuid        NOT NULL,
    ends_at       timestamptz NOT NULL, -- valid before this instant
    last_used_at  timestamptz,
    CONSTRAINT client_former_tokens_pk PRIMARY KEY (token_sha256),
    CONSTRAINT client_former_tokens_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_former_tokens_digest_length CHECK (octet_length(token_sha256) = 32)
);
CREATE INDEX client_former_tokens_by_client ON client_former_tokens (client_id, ends_at);
GRANT SELECT, INSERT, UPDATE ON client_former_tokens TO spillway_app;
