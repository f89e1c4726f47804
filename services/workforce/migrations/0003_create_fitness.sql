-- Fitness statements on their way to the employer. Codes and the days of measures are about a person's
-- health: sealed. In clear stand ids, states, instants, and the two days by which work is found.

-- A statement as it is now. state: fitness.proto; 1, 2 and 4 are not with the employer, 3 is. sealed:
-- FitnessStatement, bound to statement_id; state, version and ended_at of the row hold, so that a death
-- can end statements without opening them.
CREATE TABLE fitness_statement (
  tenant text NOT NULL,
  statement_id uuid NOT NULL,
  person_id uuid NOT NULL,
  version bigint NOT NULL,
  state smallint NOT NULL,
  issued_at timestamptz NOT NULL,
  answer_due_at timestamptz NOT NULL,
  review_on date,
  until_on date,
  ended_at timestamptz,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, statement_id),
  CONSTRAINT statement_version_is_positive CHECK (version > 0),
  CONSTRAINT ended_statement_says_when CHECK ((state < 4) = (ended_at IS NULL))
);
-- One statement stands at a time.
CREATE UNIQUE INDEX fitness_statement_standing ON fitness_statement (tenant, person_id)
  WHERE state = 3;
CREATE INDEX fitness_statement_by_person ON fitness_statement (tenant, person_id, issued_at);
CREATE INDEX fitness_statement_open ON fitness_statement (tenant, answer_due_at)
  WHERE state IN (1, 2);
CREATE INDEX fitness_statement_by_review ON fitness_statement (tenant, review_on) WHERE state = 3;
CREATE INDEX fitness_statement_by_end ON fitness_statement (tenant, until_on)
  WHERE state <= 4 AND until_on IS NOT NULL;
CREATE INDEX fitness_statement_by_key ON fitness_statement (tenant, key_version);
ALTER TABLE fitness_statement ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_statement FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_statement_of_tenant ON fitness_statement
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_statement TO ${runtime};

-- A pathway asks for a statement. Which pathway is not kept. sealed: FitnessProposal.
CREATE TABLE fitness_proposal (
  tenant text NOT NULL,
  proposal_id uuid NOT NULL,
  person_id uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closed_at timestamptz,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, proposal_id)
);
CREATE INDEX fitness_proposal_open ON fitness_proposal (tenant, due_at) WHERE closed_at IS NULL;
CREATE INDEX fitness_proposal_by_person ON fitness_proposal (tenant, person_id);
CREATE INDEX fitness_proposal_by_key ON fitness_proposal (tenant, key_version);
ALTER TABLE fitness_proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_proposal FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_proposal_of_tenant ON fitness_proposal
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_proposal TO ${runtime};

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
  statement_id uuid NOT NULL,
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

-- Where releases are posted to, and how far that has come. Whoever delivers moves next_attempt_at
-- ahead first: a lease. sealed: FitnessWebhook.
CREATE TABLE fitness_webhook (
  tenant text PRIMARY KEY,
  delivered_sequence bigint NOT NULL,
  delivered_at timestamptz,
  failed_attempts integer NOT NULL,
  first_failed_at timestamptz,
  last_answer integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT failing_webhook_says_since_when
    CHECK ((failed_attempts = 0) = (first_failed_at IS NULL))
);
CREATE INDEX fitness_webhook_by_key ON fitness_webhook (tenant, key_version);
ALTER TABLE fitness_webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_webhook_of_tenant ON fitness_webhook
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_webhook TO ${runtime};

-- Releases that the receiver did not take: a person's task until they were sent again. resend_at: a
-- person has asked for it.
CREATE TABLE fitness_dead_letter (
  tenant text NOT NULL,
  sequence bigint NOT NULL,
  given_up_at timestamptz NOT NULL,
  attempts integer NOT NULL,
  last_answer integer NOT NULL,
  resend_at timestamptz,
  PRIMARY KEY (tenant, sequence),
  FOREIGN KEY (tenant, sequence) REFERENCES fitness_release ON DELETE CASCADE
);
ALTER TABLE fitness_dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_dead_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_dead_letter_of_tenant ON fitness_dead_letter
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON fitness_dead_letter TO ${runtime};
