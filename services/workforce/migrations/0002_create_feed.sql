-- The HR feed. Everything that a file says of a person is sealed; in clear stand numbers, codes,
-- digests under the tenant's index key, and ids.

-- How a source is expected to behave, and when it last did.
CREATE TABLE feed_source (
  tenant text NOT NULL,
  source text NOT NULL,
  brake_basis_points integer NOT NULL,
  expected_every_hours integer NOT NULL,
  last_applied_at timestamptz,
  PRIMARY KEY (tenant, source),
  CONSTRAINT brake_is_a_share CHECK (brake_basis_points BETWEEN 0 AND 10000)
);
ALTER TABLE feed_source ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_source FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_source_of_tenant ON feed_source
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_source TO ${runtime};

-- One feed from its first chunk to its end. state, kind: hr_feed.proto.
CREATE TABLE feed_run (
  tenant text NOT NULL,
  run_id uuid NOT NULL,
  source text NOT NULL,
  kind smallint NOT NULL,
  state smallint NOT NULL,
  key_version integer NOT NULL,
  -- FeedHeader.
  sealed_header bytea NOT NULL,
  extract_at timestamptz NOT NULL,
  received_chunks bigint NOT NULL DEFAULT 0,
  -- Rows staged, and rows applied: where a duty that died goes on counting; the applying itself is one
  -- transaction.
  staged_rows bigint NOT NULL DEFAULT 0,
  -- FeedCounts, serialised: numbers only.
  counts bytea,
  refusal text NOT NULL DEFAULT '',
  begun_by text NOT NULL,
  begun_at timestamptz NOT NULL,
  previewed_at timestamptz,
  confirmed_by text,
  applied_at timestamptz,
  PRIMARY KEY (tenant, run_id)
);
CREATE INDEX feed_run_by_source ON feed_run (tenant, source, begun_at);
CREATE INDEX feed_run_at_work ON feed_run (tenant, state) WHERE state IN (2, 3, 6);
ALTER TABLE feed_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_run FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_run_of_tenant ON feed_run
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_run TO ${runtime};

-- What was received, as it was received, sealed chunk by chunk; deleted once the run has ended.
CREATE TABLE feed_chunk (
  tenant text NOT NULL,
  run_id uuid NOT NULL,
  number bigint NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, run_id, number),
  FOREIGN KEY (tenant, run_id) REFERENCES feed_run ON DELETE CASCADE
);
ALTER TABLE feed_chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_chunk FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_chunk_of_tenant ON feed_chunk
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_chunk TO ${runtime};

-- One row of a run, read and checked. external_token finds the person, row_token tells whether
-- anything changed, place_token whether site, role or manager did: all keyed digests. Refused rows
-- carry column and reason and no more than the sealed external id.
CREATE TABLE feed_row (
  tenant text NOT NULL,
  run_id uuid NOT NULL,
  line bigint NOT NULL,
  effect smallint NOT NULL,
  external_token bytea,
  manager_token bytea,
  row_token bytea,
  place_token bytea,
  source_version bigint NOT NULL,
  effective_on date,
  person_id uuid,
  column_name text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  key_version integer NOT NULL,
  -- FeedPerson; for a refused row only its external_id.
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, run_id, line)
);
CREATE INDEX feed_row_by_external ON feed_row (tenant, run_id, external_token);
CREATE INDEX feed_row_by_effect ON feed_row (tenant, run_id, effect, line);
ALTER TABLE feed_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_row FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_row_of_tenant ON feed_row
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_row TO ${runtime};

-- Which person a source means by its own key, and what it last said of them.
CREATE TABLE feed_link (
  tenant text NOT NULL,
  source text NOT NULL,
  external_token bytea NOT NULL,
  person_id uuid NOT NULL,
  employment_id uuid NOT NULL,
  row_token bytea NOT NULL,
  place_token bytea NOT NULL,
  source_version bigint NOT NULL,
  effective_on date NOT NULL,
  active boolean NOT NULL,
  last_run_id uuid NOT NULL,
  PRIMARY KEY (tenant, source, external_token)
);
CREATE INDEX feed_link_by_person ON feed_link (tenant, person_id);
ALTER TABLE feed_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_link FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_link_of_tenant ON feed_link
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_link TO ${runtime};
