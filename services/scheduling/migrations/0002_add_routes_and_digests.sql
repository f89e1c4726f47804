-- Reminders to officers, a budget of pages, and what a task of scheduling's own asks for.

-- Where officers may ring; put into their reminders.
ALTER TABLE tenant_setting ADD COLUMN telephone text NOT NULL DEFAULT '';

-- What a task asks for: 1 tell whoever is on duty in person, 2 ring the officer. Null for a step of a
-- plan, and for a task from before, which is of the first kind.
ALTER TABLE step ADD COLUMN task smallint;

-- digest: its recipient has had their share of pages for the hour; it goes out with others in one
-- message. A notice whose recipient is '*' is a reminder to the officer that the case is about; its
-- channel is 0, because how they are reached is asked when it is sent and written down nowhere.
ALTER TABLE notice ADD COLUMN digest boolean NOT NULL DEFAULT false;
CREATE INDEX notice_in_digest ON notice (tenant, recipient) WHERE state = 1 AND digest;

-- How many pages each role was sent, or would have been, in an hour of real time.
CREATE TABLE page_count (
  tenant text NOT NULL,
  audience smallint NOT NULL,
  hour timestamptz NOT NULL,
  pages integer NOT NULL,
  PRIMARY KEY (tenant, audience, hour)
);
ALTER TABLE page_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE page_count FORCE ROW LEVEL SECURITY;
CREATE POLICY page_count_of_tenant ON page_count
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON page_count TO ${runtime};
