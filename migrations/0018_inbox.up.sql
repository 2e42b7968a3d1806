-- The inbox: what people say to each other about an item, what somebody decided several at once, and who is told when a
-- source of signals goes mad.

-- Comments on access requests and opt-outs. A comment changes no state, so it is a row of its own and nothing else. One may
-- be a question to whoever asked for the item; it is open until a row names it in `answers`.
CREATE TABLE comments (
    id           uuid        NOT NULL, -- UUIDv7: ordered by time
    item_kind    text        NOT NULL,
    item_id      uuid        NOT NULL,
    author_kind  text        NOT NULL DEFAULT 'person',
    author_id    text        NOT NULL,
    kind         text        NOT NULL,
    answers      uuid,
    body         text        NOT NULL, -- plain text
    at           timestamptz NOT NULL,
    CONSTRAINT comments_pk PRIMARY KEY (id),
    CONSTRAINT comments_item_known CHECK (item_kind IN ('access_request', 'opt_out')),
    CONSTRAINT comments_of_persons CHECK (author_kind = 'person'),
    CONSTRAINT comments_author_fk FOREIGN KEY (author_kind, author_id) REFERENCES principals (kind, id),
    CONSTRAINT comments_kind_known CHECK (kind IN ('remark', 'question', 'answer')),
    CONSTRAINT comments_answer_whole CHECK ((kind = 'answer') = (answers IS NOT NULL)),
    CONSTRAINT comments_fit CHECK (char_length(body) BETWEEN 1 AND 2000),
    CONSTRAINT comments_of_item UNIQUE (id, item_kind, item_id),
    -- An answer is about the same item as its question, and the first one closes it.
    CONSTRAINT comments_answers_fk FOREIGN KEY (answers, item_kind, item_id) REFERENCES comments (id, item_kind, item_id),
    CONSTRAINT comments_answered_once UNIQUE (answers)
);
CREATE INDEX comments_by_item ON comments (item_kind, item_id, id);
CREATE INDEX comments_questions ON comments (id) WHERE kind = 'question';
CREATE TRIGGER comments_append_only BEFORE UPDATE OR DELETE ON comments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comments_not_truncated BEFORE TRUNCATE ON comments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON comments TO spillway_app;

-- What one person decided at once. Each item was voted on by itself, in its own transaction with its own event; this only
-- keeps what that person is shown afterwards, and for a month. Written before the first vote, so that an act that was cut
-- off says how far it came: `results` stays empty then, and the votes themselves tell.
CREATE TABLE bulk_acts (
    id           uuid        NOT NULL,
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    verdict      text        NOT NULL,
    items        jsonb       NOT NULL, -- ["req_…", "opt_…"]
    results      jsonb,                -- for each item: what came of it
    at           timestamptz NOT NULL,
    CONSTRAINT bulk_acts_pk PRIMARY KEY (id),
    CONSTRAINT bulk_acts_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT bulk_acts_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id),
    CONSTRAINT bulk_acts_verdict_known CHECK (verdict IN ('approve', 'deny')),
    CONSTRAINT bulk_acts_capped CHECK (jsonb_array_length(items) BETWEEN 1 AND 20),
    CONSTRAINT bulk_acts_small CHECK (octet_length(results::text) <= 65536)
);
GRANT SELECT, INSERT, UPDATE (results), DELETE ON bulk_acts TO spillway_app;

-- Which roles the identity provider's groups gave somebody at their last sign-in. Nobody may do anything by it: roles come
-- with the session. It says whom to tell of what only an administrator can mend.
CREATE TABLE roles_seen (
    person_kind  text        NOT NULL DEFAULT 'person',
    person_id    text        NOT NULL,
    roles        text[]      NOT NULL,
    seen_at      timestamptz NOT NULL,
    CONSTRAINT roles_seen_pk PRIMARY KEY (person_id),
    CONSTRAINT roles_seen_of_persons CHECK (person_kind = 'person'),
    CONSTRAINT roles_seen_person_fk FOREIGN KEY (person_kind, person_id) REFERENCES principals (kind, id)
);
GRANT SELECT, INSERT, UPDATE ON roles_seen TO spillway_app;

ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client'));
