-- Deadlines. In clear stand instants, revisions, role codes and ids; everything that says what a
-- deadline is about is sealed. The tenant leads every key. The numbers of roles, endings and rung
-- kinds are those of the published protos.

-- When the next rung of a tenant is due: where the firing loop looks, across tenants, without a
-- lock. Exempt from row-level security, and therefore nothing but a code and an instant. The row
-- exists once the tenant is live.
CREATE TABLE due_tenant (
  tenant text PRIMARY KEY,
  next_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON due_tenant TO ${runtime};

-- One row a tenant: the address of last resort, and since when the tenant is live.
CREATE TABLE tenant_setting (
  tenant text PRIMARY KEY,
  active_since timestamptz,
  duty_channel smallint NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed_contact bytea NOT NULL,
  CONSTRAINT duty_address_is_not_the_console CHECK (duty_channel IN (2, 3))
);
ALTER TABLE tenant_setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_setting FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_setting_of_tenant ON tenant_setting
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON tenant_setting TO ${runtime};

-- The newest plan of a case: sealed whole under a key of its own, so that deleting the row forgets
-- what its steps were about.
CREATE TABLE plan_case (
  tenant text NOT NULL,
  case_ref uuid NOT NULL,
  source text NOT NULL,
  case_version bigint NOT NULL,
  subject_ref uuid,
  assigned_to text,
  closed_at timestamptz,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed_plan bytea NOT NULL,
  PRIMARY KEY (tenant, case_ref),
  CONSTRAINT case_version_is_positive CHECK (case_version > 0)
);
-- Whose own cases must not be shown to them.
CREATE INDEX plan_case_by_subject ON plan_case (tenant, subject_ref) WHERE subject_ref IS NOT NULL;
ALTER TABLE plan_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_case FORCE ROW LEVEL SECURITY;
CREATE POLICY plan_case_of_tenant ON plan_case
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON plan_case TO ${runtime};

-- The instants of a step. There is no status: it follows from the instants and the time of asking.
-- ordinal is the step's place in the sealed plan; null for a task that scheduling opened itself.
-- A step without a beginning opens at -infinity, one whose window never shuts closes at infinity.
CREATE TABLE step (
  tenant text NOT NULL,
  step_ref uuid NOT NULL,
  case_ref uuid NOT NULL,
  ordinal smallint,
  revision integer NOT NULL,
  responsible smallint NOT NULL,
  opens_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closes_at timestamptz NOT NULL,
  ending smallint,
  ended_at timestamptz,
  measure_ref uuid,
  anchor_at timestamptz,
  completed_at timestamptz,
  acknowledged_until timestamptz,
  acknowledged_by text,
  claimed_by text,
  PRIMARY KEY (tenant, step_ref),
  FOREIGN KEY (tenant, case_ref) REFERENCES plan_case ON DELETE CASCADE,
  CONSTRAINT revision_is_positive CHECK (revision > 0),
  CONSTRAINT window_shuts_after_due CHECK (closes_at >= due_at),
  CONSTRAINT ended_step_has_ended_at CHECK ((ending IS NULL) = (ended_at IS NULL)),
  CONSTRAINT measure_has_anchor CHECK ((measure_ref IS NULL) = (anchor_at IS NULL))
);
CREATE INDEX step_by_case ON step (tenant, case_ref);
-- The worklist, in its order.
CREATE INDEX step_open ON step (tenant, due_at, closes_at, step_ref) WHERE ending IS NULL;
-- The compliance figures.
CREATE INDEX step_by_anchor ON step (tenant, anchor_at) WHERE measure_ref IS NOT NULL;
ALTER TABLE step ENABLE ROW LEVEL SECURITY;
ALTER TABLE step FORCE ROW LEVEL SECURITY;
CREATE POLICY step_of_tenant ON step
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON step TO ${runtime};

-- The codes of compliance measures, sealed: a step knows only the pseudonym.
CREATE TABLE measure (
  tenant text NOT NULL,
  measure_ref uuid NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed_key bytea NOT NULL,
  PRIMARY KEY (tenant, measure_ref)
);
ALTER TABLE measure ENABLE ROW LEVEL SECURITY;
ALTER TABLE measure FORCE ROW LEVEL SECURITY;
CREATE POLICY measure_of_tenant ON measure
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON measure TO ${runtime};

-- Rungs that wait. Firing moves a rung from here to firing, so this table holds nothing that is
-- over, and a million rungs that wait cost the loop one index look-up. planned_at is what the plan
-- says, fire_at what holds: an acknowledgement puts it off. overtaken_at is when the first rung above
-- it is due: from then on this one tells nobody; written with every change of the ladder, so that
-- firing need not look around. No foreign key to step: checking it would cost more than firing does,
-- and a rung goes with its step in the same transaction.
CREATE TABLE rung (
  tenant text NOT NULL,
  step_ref uuid NOT NULL,
  revision integer NOT NULL,
  rung smallint NOT NULL,
  fire_at timestamptz NOT NULL,
  planned_at timestamptz NOT NULL,
  overtaken_at timestamptz NOT NULL,
  audience smallint NOT NULL,
  kind smallint NOT NULL,
  PRIMARY KEY (tenant, step_ref, revision, rung)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX rung_by_time ON rung (tenant, fire_at);
ALTER TABLE rung ENABLE ROW LEVEL SECURITY;
ALTER TABLE rung FORCE ROW LEVEL SECURITY;
CREATE POLICY rung_of_tenant ON rung
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON rung TO ${runtime};

-- What has fired. The primary key is the claim: whatever happens, a rung of a revision fires once.
-- told is the role that was told: the audience, or one higher up the ladder because nobody of the
-- audience could be reached, or 0 for the duty address. Null: overtaken by a higher rung, which
-- spoke for it.
CREATE TABLE firing (
  tenant text NOT NULL,
  step_ref uuid NOT NULL,
  revision integer NOT NULL,
  rung smallint NOT NULL,
  fire_at timestamptz NOT NULL,
  fired_at timestamptz NOT NULL,
  audience smallint NOT NULL,
  kind smallint NOT NULL,
  told smallint,
  PRIMARY KEY (tenant, step_ref, revision, rung)
);
ALTER TABLE firing ENABLE ROW LEVEL SECURITY;
ALTER TABLE firing FORCE ROW LEVEL SECURITY;
CREATE POLICY firing_of_tenant ON firing
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON firing TO ${runtime};

-- One telling of one person; its id is derived from the primary key. recipient is a user id, empty
-- for the duty address; the address itself stays with the rota. state: 1 waits for delivery, 2 delivered, 3 given up, 4 withdrawn.
-- fired_at is clinical time; next_attempt_at, a lease as well as a pause, is real time.
CREATE TABLE notice (
  tenant text NOT NULL,
  step_ref uuid NOT NULL,
  revision integer NOT NULL,
  rung smallint NOT NULL,
  kind smallint NOT NULL,
  audience smallint NOT NULL,
  recipient text NOT NULL,
  rota_entry_id uuid,
  channel smallint NOT NULL,
  fired_at timestamptz NOT NULL,
  state smallint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  delivered_at timestamptz,
  PRIMARY KEY (tenant, step_ref, revision, rung, recipient),
  CONSTRAINT console_notice_needs_no_delivery CHECK (channel <> 1 OR state <> 1)
);
CREATE INDEX notice_by_recipient ON notice (tenant, recipient, fired_at);
-- For the purge only; a block range index costs an insert next to nothing.
CREATE INDEX notice_by_age ON notice USING brin (fired_at);
CREATE INDEX notice_waiting ON notice (tenant, next_attempt_at) WHERE state = 1;
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_of_tenant ON notice
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON notice TO ${runtime};

-- Who is on duty, in which role, reached how. The contact is sealed.
CREATE TABLE rota_entry (
  tenant text NOT NULL,
  rota_entry_id uuid NOT NULL,
  role smallint NOT NULL,
  person text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  channel smallint NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed_contact bytea NOT NULL,
  PRIMARY KEY (tenant, rota_entry_id),
  CONSTRAINT duty_has_a_length CHECK (starts_at < ends_at)
);
CREATE INDEX rota_entry_by_end ON rota_entry (tenant, ends_at);
ALTER TABLE rota_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE rota_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY rota_entry_of_tenant ON rota_entry
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON rota_entry TO ${runtime};

-- Who covers for whom.
CREATE TABLE delegation (
  tenant text NOT NULL,
  delegation_id uuid NOT NULL,
  from_person text NOT NULL,
  to_person text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, delegation_id),
  CONSTRAINT nobody_covers_for_themselves CHECK (from_person <> to_person),
  CONSTRAINT cover_does_not_end_before_it_starts CHECK (starts_at <= ends_at)
);
CREATE INDEX delegation_by_end ON delegation (tenant, ends_at);
ALTER TABLE delegation ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation FORCE ROW LEVEL SECURITY;
CREATE POLICY delegation_of_tenant ON delegation
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation TO ${runtime};
