-- Filters of the audit log that had no index read the whole table and kept a connection of the pool for as long.

-- About an object by its id alone: the id says its kind. `events_by_object` begins with the kind.
CREATE INDEX events_by_object_id ON events (object_id, id DESC);
-- By whom, likewise.
CREATE INDEX events_by_actor_id ON events (actor_id, id DESC);
-- What opt-outs changed, and the outcomes that are rare: without these a search for the few reads all the others. There
-- is none for `automate`, which most decisions are.
CREATE INDEX decisions_changed ON decisions (id DESC) WHERE base <> effective;
CREATE INDEX decisions_denied ON decisions (id DESC) WHERE effective = 'deny';
CREATE INDEX decisions_reviewed ON decisions (id DESC) WHERE effective = 'review';
