DROP INDEX decisions_reviewed;
DROP INDEX decisions_denied;
DROP INDEX decisions_changed;
DROP INDEX events_by_actor_id;
DROP INDEX events_by_object_id;
