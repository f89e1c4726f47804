-- Fitness statements on their way to the employer. Codes and dates are about a person's health: sealed.

-- A statement in its newest version. state: fitness.proto. sealed: FitnessStatement.
CREATE TABLE fitness_statement (
  tenant text NOT NULL,
  statement_id uuid NOT NULL,
  person_id uuid NOT NULL,
  version bigint NOT NULL,
  state smallint NOT NULL,
  issued_at timestamptz NOT NULL,
  answer_due_at timestamptz NOT NULL,
  review_on date,
  replaces_id uuid,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, statement_id),
  FOREIGN KEY (tenant, replaces_id) REFERENCES fitness_statement,
  CONSTRAINT statement_version_is_positive CHECK (version > 0)
);
CREATE INDEX fitness_statement_by_person ON fitness_statement (tenant, person_id, issued_at);
CREATE INDEX fitness_statement_by_key ON fitness_statement (tenant, key_version);
ALTER TABLE fitness_statement ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_statement FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_statement_of_tenant ON fitness_statement
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_statement TO ${runtime};

-- One row a tenant: the last sequence number given out, locked for the commit that gives the next, so
-- that releases become visible in their order and a client that goes on from a number misses none.
CREATE TABLE fitness_counter (
  tenant text PRIMARY KEY,
  last_sequence bigint NOT NULL
);
ALTER TABLE fitness_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_counter FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_counter_of_tenant ON fitness_counter
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_counter TO ${runtime};

-- What left for the employer, in order. sealed: FitnessRelease.
CREATE TABLE fitness_release (
  tenant text NOT NULL,
  sequence bigint NOT NULL,
  person_id uuid NOT NULL,
  statement_id uuid,
  kind smallint NOT NULL,
  released_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, sequence)
);
CREATE INDEX fitness_release_by_person ON fitness_release (tenant, person_id, sequence);
CREATE INDEX fitness_release_by_key ON fitness_release (tenant, key_version);
ALTER TABLE fitness_release ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_release FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_release_of_tenant ON fitness_release
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_release TO ${runtime};

-- Where releases are posted to, and how far that has come. sealed: URL and secret.
CREATE TABLE fitness_webhook (
  tenant text PRIMARY KEY,
  delivered_sequence bigint NOT NULL,
  delivered_at timestamptz,
  failed_attempts integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL
);
ALTER TABLE fitness_webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_webhook_of_tenant ON fitness_webhook
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_webhook TO ${runtime};
