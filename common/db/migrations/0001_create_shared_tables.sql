-- The tables that every service has. The tenant leads every key, and row-level security shows a
-- transaction only the rows of the tenant it named.

-- Which tenants this database holds: background duties go through them one by one. Exempt from
-- row-level security, and therefore nothing but the code.
CREATE TABLE tenant (
  tenant text PRIMARY KEY,
  CONSTRAINT tenant_is_a_plain_word CHECK (tenant ~ '^[A-Za-z0-9_-]{1,64}$')
);
GRANT SELECT, INSERT ON tenant TO ${runtime};

-- One row for each mutating request, kept longer than the longest retry. The response is encrypted
-- by the service. `answers` counts how often it was given: a retry writes, so that its answer waits
-- for the replica like the first one.
CREATE TABLE idempotency_key (
  tenant text NOT NULL,
  caller text NOT NULL,
  method text NOT NULL,
  request_id uuid NOT NULL,
  request_sha256 bytea NOT NULL,
  response bytea,
  created_at timestamptz NOT NULL,
  touched_at timestamptz NOT NULL,
  answers integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant, caller, method, request_id),
  CONSTRAINT request_sha256_has_32_bytes CHECK (octet_length(request_sha256) = 32)
);
-- For the purge only; a block range index costs an insert next to nothing.
CREATE INDEX idempotency_key_by_age ON idempotency_key USING brin (created_at);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_key_of_tenant ON idempotency_key
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_key TO ${runtime};

-- What has to be told to another service, written in the transaction that makes it true. The relay
-- numbers the rows without a gap after they have committed: a sequence would leave gaps and show
-- later commits first. appended_at is the database's own clock, because only that one orders two
-- transactions of which the second waited for the first.
CREATE TABLE outbox (
  tenant text NOT NULL,
  destination text NOT NULL,
  event_id uuid NOT NULL,
  payload bytea NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  number bigint,
  PRIMARY KEY (tenant, destination, event_id),
  CONSTRAINT number_is_positive CHECK (number > 0)
);
CREATE INDEX outbox_not_numbered ON outbox (tenant, destination, appended_at, event_id)
  WHERE number IS NULL;
CREATE UNIQUE INDEX outbox_number_is_unique ON outbox (tenant, destination, number)
  WHERE number IS NOT NULL;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_of_tenant ON outbox
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO ${runtime};

-- How far a destination has come: every number up to delivered_through has been accepted there. Its
-- row lock makes one relay at a time work on a (tenant, destination).
CREATE TABLE outbox_counter (
  tenant text NOT NULL,
  destination text NOT NULL,
  last_number bigint NOT NULL DEFAULT 0,
  delivered_through bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, destination),
  CONSTRAINT delivered_was_numbered CHECK (delivered_through <= last_number)
);
ALTER TABLE outbox_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox_counter FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_counter_of_tenant ON outbox_counter
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON outbox_counter TO ${runtime};

-- The highest number delivered by the end of each day: tells the purge which rows have been
-- delivered for 35 days without writing every row a second time.
CREATE TABLE outbox_day (
  tenant text NOT NULL,
  destination text NOT NULL,
  day date NOT NULL,
  delivered_through bigint NOT NULL,
  PRIMARY KEY (tenant, destination, day)
);
ALTER TABLE outbox_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox_day FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_day_of_tenant ON outbox_day
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_day TO ${runtime};

-- What has come from a source: contiguous is the highest number with none missing below it. A gap
-- is open while highest > contiguous; a step back is a number that came again for another event,
-- which means that the source was restored from an older backup.
CREATE TABLE inbox (
  tenant text NOT NULL,
  source text NOT NULL,
  contiguous bigint NOT NULL DEFAULT 0,
  highest bigint NOT NULL DEFAULT 0,
  gap_since timestamptz,
  stepped_back_at timestamptz,
  stepped_back_number bigint,
  PRIMARY KEY (tenant, source),
  CONSTRAINT contiguous_is_not_above_highest CHECK (contiguous <= highest)
);
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY inbox_of_tenant ON inbox
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON inbox TO ${runtime};

-- Which event came under which number, kept 35 days: tells a repeated delivery from a step back.
CREATE TABLE inbox_arrival (
  tenant text NOT NULL,
  source text NOT NULL,
  number bigint NOT NULL,
  event_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, source, number)
);
CREATE INDEX inbox_arrival_by_age ON inbox_arrival USING brin (arrived_at);
ALTER TABLE inbox_arrival ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_arrival FORCE ROW LEVEL SECURITY;
CREATE POLICY inbox_arrival_of_tenant ON inbox_arrival
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_arrival TO ${runtime};
