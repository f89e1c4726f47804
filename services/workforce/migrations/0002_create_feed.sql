-- The HR feed. Everything that a file says of a person is sealed; in clear stand numbers, codes,
-- digests under the tenant's index key, and ids.

-- How a source is expected to behave, and when it last did. applied_runs rises with each: a preview
-- that was made before the last one is made anew.
CREATE TABLE feed_source (
  tenant text NOT NULL,
  source text NOT NULL,
  brake_basis_points integer NOT NULL,
  expected_every_hours integer NOT NULL,
  since_at timestamptz NOT NULL,
  applied_runs bigint NOT NULL DEFAULT 0,
  last_applied_at timestamptz,
  last_snapshot_at timestamptz,
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
  -- The rows are staged and checked: a new preview only compares them again.
  staged boolean NOT NULL DEFAULT false,
  -- FeedCounts, serialised: numbers only.
  counts bytea NOT NULL DEFAULT '',
  refusal text NOT NULL DEFAULT '',
  begun_by text NOT NULL,
  begun_at timestamptz NOT NULL,
  -- feed_source.applied_runs as the preview found it.
  previewed_after bigint,
  previewed_at timestamptz,
  confirmed_by text,
  applied_by text,
  applied_role smallint,
  applied_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (tenant, run_id)
);
CREATE INDEX feed_run_by_source ON feed_run (tenant, source, begun_at);
CREATE INDEX feed_run_at_work ON feed_run (tenant, begun_at) WHERE state IN (2, 3, 6);
CREATE INDEX feed_run_by_end ON feed_run (tenant, ended_at) WHERE ended_at IS NOT NULL;
ALTER TABLE feed_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_run FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_run_of_tenant ON feed_run
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_run TO ${runtime};

-- What was received, as it was received, sealed chunk by chunk; deleted once it is read into rows, or
-- the run has ended.
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

-- One row of a run, read and checked; deleted some days after the run has ended. external_token
-- finds the person, row_token tells whether anything changed, place_token whether site, role or
-- manager did: all keyed digests. Leavers of a snapshot have lines below zero. No foreign key: a
-- first load writes a quarter of a million, and they go with their run.
CREATE TABLE feed_row (
  tenant text NOT NULL,
  run_id uuid NOT NULL,
  line bigint NOT NULL,
  -- FeedEffect; 0 until it is compared.
  effect smallint NOT NULL,
  -- Of several rows of one person, which comes when: 1, 2 ... by effective day and version.
  place integer NOT NULL DEFAULT 0,
  external_token bytea,
  manager_token bytea,
  row_token bytea,
  place_token bytea,
  source_version bigint NOT NULL,
  effective_on date,
  ends_on date,
  end_reason smallint NOT NULL DEFAULT 0,
  -- The person's id should this row turn out to be a joiner.
  new_person_id uuid,
  person_id uuid,
  manager_id uuid,
  column_name text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  key_version integer NOT NULL,
  -- FeedPerson; for a refused row only its external_id.
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, run_id, line)
);
ALTER TABLE feed_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_row FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_row_of_tenant ON feed_row
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_row TO ${runtime};

-- Which person a source means by its own key, and what it last said of them. ends_on is the first
-- day without the employment, once one is known.
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
  ends_on date,
  last_run_id uuid NOT NULL,
  PRIMARY KEY (tenant, source, external_token)
);
CREATE INDEX feed_link_by_person ON feed_link (tenant, person_id);
ALTER TABLE feed_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_link FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_link_of_tenant ON feed_link
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_link TO ${runtime};
