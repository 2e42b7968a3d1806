-- Notices of budgets, delegations and of what has not arrived; what is urgent goes out first.

-- What else a notice can be about: a team's budget, somebody's delegation, an endpoint, everybody's mail.
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client', 'budget', 'delegation', 'endpoint', 'mail'));

-- Broken glass is not to wait behind what is not. Written with the delivery, since its body is read by the domain alone.
ALTER TABLE deliveries ADD COLUMN urgent boolean NOT NULL DEFAULT false;
UPDATE deliveries SET urgent = true WHERE state = 'pending' AND body ->> 'kind' IN ('break_glass', 'second_person');
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (urgent DESC, next_at, id) WHERE state = 'pending';

-- An account that burns, and how fast it burnt at most since it was calm. The row is what is told once: it goes when the
-- account is calm again, so that the next time is told of anew.
CREATE TABLE budget_burns (
    team     text        NOT NULL,
    tier     text        NOT NULL,
    burn     text        NOT NULL,
    told_at  timestamptz NOT NULL,
    CONSTRAINT budget_burns_pk PRIMARY KEY (team, tier),
    CONSTRAINT budget_burns_burn_known CHECK (burn IN ('slow', 'fast'))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON budget_burns TO spillway_app;
