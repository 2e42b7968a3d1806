ALTER TABLE notices DROP CONSTRAINT notices_item_known;
DELETE FROM notices WHERE item_kind IN ('policy', 'directory');
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client', 'budget', 'delegation', 'endpoint', 'mail',
        'decision_records'));
