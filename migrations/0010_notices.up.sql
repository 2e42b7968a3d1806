-- Notices: who was told what, over which channels it goes out, and what each person has set.
--
-- It is an outbox: the transaction of a command writes the notices that its events cause, and a worker sends them later. A
-- command that is rolled back leaves none, and a server that dies in between leaves all of them to whoever comes next.

-- What each person was told: the inbox on the pages. `body` is domain::notice::Notice.
CREATE TABLE notices (
    id           uuid        NOT NULL, -- UUIDv7: ordered by time
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    kind         text        NOT NULL,
    item_kind    text        NOT NULL,
    item_id      text        NOT NULL, -- outer form
    body         jsonb       NOT NULL,
    at           timestamptz NOT NULL,
    read_at      timestamptz,
    digest_at    timestamptz, -- the daily mail that it belongs to
    CONSTRAINT notices_pk PRIMARY KEY (id),
    CONSTRAINT notices_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT notices_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT notices_item_known CHECK (item_kind IN ('access_request', 'grant', 'opt_out'))
);
CREATE INDEX notices_by_person ON notices (person_id, id DESC);
CREATE INDEX notices_unread ON notices (person_id) WHERE read_at IS NULL;
CREATE INDEX notices_by_digest ON notices (person_id, digest_at) WHERE digest_at IS NOT NULL;

-- What follows from the clock is told once: whoever writes the row tells it, in the same transaction.
CREATE TABLE notices_told (
    item_id  uuid        NOT NULL,
    mark     text        NOT NULL, -- reminder_50, ending_1d, first_use, …
    at       timestamptz NOT NULL,
    CONSTRAINT notices_told_pk PRIMARY KEY (item_id, mark)
);

-- What each person has set. Without a row the defaults of domain::notice::NoticePreferences count.
CREATE TABLE notice_preferences (
    person_kind    text        NOT NULL DEFAULT 'person',
    person_id      text        NOT NULL,
    mail           text        NOT NULL,
    digest_minute  smallint    NOT NULL, -- of the day, in the zone
    quiet_from     smallint,
    quiet_until    smallint,
    zone           text        NOT NULL, -- IANA name
    changed_at     timestamptz NOT NULL,
    CONSTRAINT notice_preferences_pk PRIMARY KEY (person_id),
    CONSTRAINT notice_preferences_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT notice_preferences_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT notice_preferences_mail_known CHECK (mail IN ('off', 'each', 'daily')),
    CONSTRAINT notice_preferences_digest_of_day CHECK (digest_minute BETWEEN 0 AND 1439),
    CONSTRAINT notice_preferences_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CONSTRAINT notice_preferences_quiet_of_day CHECK
        (quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439 AND quiet_from <> quiet_until)
);

-- Where the identity provider said that a person gets mail, at the last sign-in.
CREATE TABLE mail_addresses (
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    address      text        NOT NULL,
    seen_at      timestamptz NOT NULL,
    CONSTRAINT mail_addresses_pk PRIMARY KEY (person_id),
    CONSTRAINT mail_addresses_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT mail_addresses_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    -- RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, two of them its brackets.
    CONSTRAINT mail_addresses_fits CHECK (octet_length(address) BETWEEN 3 AND 254)
);

-- Addresses of machines and chats, registered by administrators. Whoever knows a chat's address can write there, and whoever
-- knows a webhook's secret can sign as us: both are sealed with a key that is not in the database.
CREATE TABLE notice_endpoints (
    id               uuid        NOT NULL,
    version          integer     NOT NULL DEFAULT 1,
    kind             text        NOT NULL,
    name             text        NOT NULL,
    channel          text,                 -- only news of tiers with this channel; none: all
    host             text        NOT NULL, -- of the address, to show
    sealed_address   bytea       NOT NULL,
    sealed_secret    bytea,
    sealed_previous  bytea,                -- signs besides, until `previous_until`, so that receivers can change over
    previous_until   timestamptz,
    registered_by    text        NOT NULL,
    created_at       timestamptz NOT NULL,
    disabled_at      timestamptz,
    disabled_why     text,
    CONSTRAINT notice_endpoints_pk PRIMARY KEY (id),
    CONSTRAINT notice_endpoints_kind_known CHECK (kind IN ('webhook', 'slack', 'teams')),
    CONSTRAINT notice_endpoints_secret_of_webhooks CHECK ((kind = 'webhook') = (sealed_secret IS NOT NULL)),
    CONSTRAINT notice_endpoints_previous_whole CHECK ((sealed_previous IS NULL) = (previous_until IS NULL)),
    CONSTRAINT notice_endpoints_disabled_whole CHECK ((disabled_at IS NULL) = (disabled_why IS NULL)),
    CONSTRAINT notice_endpoints_disabled_known CHECK (disabled_why IN ('administrator', 'gone'))
);
-- A name is free again once its endpoint is disabled.
CREATE UNIQUE INDEX notice_endpoints_name_unique ON notice_endpoints (name) WHERE disabled_at IS NULL;

-- One notice on its way over one channel. The id goes out as `webhook-id` and in `Message-ID` with every attempt, so that a
-- receiver that honours it sees nothing twice.
CREATE TABLE deliveries (
    id            uuid        NOT NULL,
    channel       text        NOT NULL,
    person_kind   text,
    person_id     text,
    endpoint_id   uuid,
    body          jsonb,                -- domain::notice::Notice; none in a daily mail, which has those of its `digest_at`
    digest_at     timestamptz,
    at            timestamptz NOT NULL,
    state         text        NOT NULL DEFAULT 'pending',
    attempts      integer     NOT NULL DEFAULT 0, -- begun ones; it also tells two of them apart
    next_at       timestamptz NOT NULL,
    leased_until  timestamptz,          -- some node is at it; after that, whoever comes
    last_error    text,
    settled_at    timestamptz,
    CONSTRAINT deliveries_pk PRIMARY KEY (id),
    CONSTRAINT deliveries_channel_known CHECK (channel IN ('mail', 'webhook', 'slack', 'teams')),
    CONSTRAINT deliveries_state_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT deliveries_settled_whole CHECK ((state = 'pending') = (settled_at IS NULL)),
    CONSTRAINT deliveries_mail_to_persons CHECK ((channel = 'mail') = (person_id IS NOT NULL)),
    CONSTRAINT deliveries_of_persons CHECK ((person_id IS NULL) = (person_kind IS NULL) AND person_kind = 'person'),
    CONSTRAINT deliveries_others_to_endpoints CHECK ((channel <> 'mail') = (endpoint_id IS NOT NULL)),
    CONSTRAINT deliveries_content CHECK ((body IS NULL) = (digest_at IS NOT NULL)),
    CONSTRAINT deliveries_one_mail_a_day UNIQUE (person_id, digest_at),
    CONSTRAINT deliveries_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT deliveries_endpoint_fk FOREIGN KEY (endpoint_id) REFERENCES notice_endpoints (id)
);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_dead ON deliveries (id DESC) WHERE state = 'dead';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id DESC) WHERE endpoint_id IS NOT NULL;

GRANT SELECT, INSERT ON notices, notices_told, notice_preferences, mail_addresses, notice_endpoints, deliveries TO spillway_app;
GRANT UPDATE ON notices, notice_preferences, mail_addresses, notice_endpoints, deliveries TO spillway_app;
