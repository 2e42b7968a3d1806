-- Who may sign in as whom, and who is signed in now.

-- Identity is what the provider vouches for: issuer and subject, never a mail address, which people share, change and
-- hand on. A sign-in that stands here for nobody has no vote and no session. The directory writes these rows; signing in
-- only reads them.
CREATE TABLE sign_ins (
    iss               text        NOT NULL,
    sub               text        NOT NULL,
    -- Only persons sign in.
    person_kind       text        NOT NULL DEFAULT 'person',
    person_id         text        NOT NULL,
    linked_at         timestamptz NOT NULL,
    last_signed_in_at timestamptz,
    CONSTRAINT sign_ins_pk PRIMARY KEY (iss, sub),
    CONSTRAINT sign_ins_person_only CHECK (person_kind = 'person'),
    CONSTRAINT sign_ins_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT sign_ins_iss_fits CHECK (char_length(iss) BETWEEN 1 AND 512),
    -- OpenID Connect Core section 2: a subject has at most 255 ASCII characters.
    CONSTRAINT sign_ins_sub_fits CHECK (char_length(sub) BETWEEN 1 AND 255)
);
CREATE INDEX sign_ins_person_id_idx ON sign_ins (person_id);

-- A browser's session. Rows are deleted when it ends: that somebody signed in or out is an event of the ledger, and
-- what stands here is the person's own and needed no longer.
CREATE TABLE sessions (
    -- SHA-256 of the id in the cookie, so that whoever reads this table can take over no session.
    id_digest           bytea       NOT NULL,
    created_at          timestamptz NOT NULL,
    last_seen_at        timestamptz NOT NULL,
    idle_expires_at     timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    -- All three or none: without them it is a browser on its way to the provider.
    person_id           text,
    iss                 text,
    sub                 text,
    -- The provider's own session, where it names one: back-channel logout ends by it.
    sid                 text,
    -- Needed to end the provider's session too (OpenID Connect RP-Initiated Logout 1.0 section 2). The only secret here.
    id_token            text,
    -- Display name, groups, auth_time, acr, amr as the provider vouched for them.
    claims              jsonb,
    -- Sign-ins under way in this browser: state, nonce, PKCE verifier, where to go afterwards. Dropped at their end.
    pending             jsonb       NOT NULL,
    CONSTRAINT sessions_pk PRIMARY KEY (id_digest),
    CONSTRAINT sessions_id_digest_fits CHECK (octet_length(id_digest) = 32),
    CONSTRAINT sessions_limits_fits CHECK (idle_expires_at <= absolute_expires_at AND created_at < absolute_expires_at),
    CONSTRAINT sessions_sign_in_fk FOREIGN KEY (iss, sub) REFERENCES sign_ins (iss, sub),
    CONSTRAINT sessions_identity_fits CHECK (num_nulls(person_id, iss, sub, claims) IN (0, 4)),
    CONSTRAINT sessions_anonymous_fits CHECK (person_id IS NOT NULL OR (sid IS NULL AND id_token IS NULL))
);
CREATE INDEX sessions_person_id_idx ON sessions (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX sessions_iss_sub_idx ON sessions (iss, sub) WHERE person_id IS NOT NULL;
CREATE INDEX sessions_iss_sid_idx ON sessions (iss, sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_absolute_expires_at_idx ON sessions (absolute_expires_at);

-- Logout tokens that were already obeyed (OpenID Connect Back-Channel Logout 1.0 section 2.6, step 7). Kept until they
-- would be refused for their age anyway.
CREATE TABLE logout_tokens (
    iss        text        NOT NULL,
    jti_digest bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT logout_tokens_pk PRIMARY KEY (iss, jti_digest),
    CONSTRAINT logout_tokens_jti_digest_fits CHECK (octet_length(jti_digest) = 32)
);
CREATE INDEX logout_tokens_expires_at_idx ON logout_tokens (expires_at);

-- Sessions live and die with their browsers. A link between a sign-in and a person is never removed, since votes were
-- cast by it.
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO spillway_app;
GRANT SELECT, INSERT, DELETE ON logout_tokens TO spillway_app;
GRANT SELECT, INSERT, UPDATE ON sign_ins TO spillway_app;
