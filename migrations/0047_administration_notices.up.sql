-- All administrators are notified of a new policy version and of a changed directory.
ALTER TABLE notices DROP CONSTRAINT notices_item_known;
ALTER TABLE notices ADD CONSTRAINT notices_item_known CHECK
    (item_kind IN ('access_request', 'grant', 'opt_out', 'post_review', 'client', 'budget', 'delegation', 'endpoint', 'mail',
        'policy', 'directory', 'decision_records'));
