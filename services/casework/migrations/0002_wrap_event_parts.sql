-- The parts of a request that are held apart are sealed under a key of their own. Its wrapping moves to
-- columns, so that a key rotation can wrap it again; the runtime role may write these two columns and
-- still nothing else of an event.
ALTER TABLE case_event
  ADD COLUMN apart_key_version integer,
  ADD COLUMN apart_wrapped_key bytea,
  ADD CONSTRAINT part_of_event_has_its_key CHECK (
    (held_apart IS NULL) = (apart_key_version IS NULL)
    AND (apart_key_version IS NULL) = (apart_wrapped_key IS NULL)) NOT VALID;
GRANT UPDATE (apart_key_version, apart_wrapped_key) ON case_event TO ${runtime};
