-- Cases as every pathway keeps them. Applied into each pathway's own database. Everything clinical is
-- sealed (AES-256-GCM) under the case's data key, which the tenant's key wraps; in clear stand random
-- ids, instants, codes and the protocol's version. The numbers of states, kinds and jurisdictions are
-- those of waymark.casework.v1. Sealed bytes do not compress, so nothing tries to (STORAGE EXTERNAL).

-- One row a case, the case as it stands. Deleting it deletes the wrapped key, and with it everything
-- that was ever sealed under the case's data key, wherever a copy lies.
CREATE TABLE case_record (
  tenant text NOT NULL,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  state smallint NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  subject_id uuid,
  subject_kind smallint NOT NULL,
  jurisdiction smallint NOT NULL,
  protocol_key text NOT NULL,
  protocol_version integer NOT NULL,
  assigned_to text,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  body bytea NOT NULL,
  -- The case version that last wrote a part: tells whoever waited for the row lock whether the parts
  -- it read beside it are still those of the row.
  parts_version bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, case_id),
  CONSTRAINT version_counts_from_one CHECK (version >= 1),
  CONSTRAINT case_is_open_or_closed CHECK (state IN (1, 2)),
  CONSTRAINT closed_case_has_closed_at CHECK ((state = 2) = (closed_at IS NOT NULL)),
  CONSTRAINT only_a_third_party_has_no_subject CHECK ((subject_kind = 2) = (subject_id IS NULL)),
  CONSTRAINT parts_are_not_newer_than_the_case CHECK (parts_version <= version)
);
ALTER TABLE case_record ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX case_record_newest_first ON case_record (tenant, opened_at DESC, case_id DESC);
CREATE INDEX case_record_by_subject ON case_record (tenant, subject_id) WHERE subject_id IS NOT NULL;
ALTER TABLE case_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_record FORCE ROW LEVEL SECURITY;
CREATE POLICY case_record_of_tenant ON case_record
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON case_record TO ${runtime};

-- One row a change, written once: the runtime role may neither update nor delete it. It goes only
-- when its case goes.
CREATE TABLE case_event (
  tenant text NOT NULL,
  case_id uuid NOT NULL,
  case_version bigint NOT NULL,
  event_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  body bytea NOT NULL,
  -- The parts of the request that are held apart, under a key of their own.
  held_apart bytea,
  PRIMARY KEY (tenant, case_id, case_version),
  FOREIGN KEY (tenant, case_id) REFERENCES case_record (tenant, case_id) ON DELETE CASCADE,
  CONSTRAINT event_version_counts_from_one CHECK (case_version >= 1)
);
ALTER TABLE case_event ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE case_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_event FORCE ROW LEVEL SECURITY;
CREATE POLICY case_event_of_tenant ON case_event
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT ON case_event TO ${runtime};

-- A part of a case with a rule of its own (a source's virus results): sealed under its own data key,
-- so that who holds the case's key does not hold this.
CREATE TABLE case_part (
  tenant text NOT NULL,
  case_id uuid NOT NULL,
  field text NOT NULL,
  version bigint NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (tenant, case_id, field),
  FOREIGN KEY (tenant, case_id) REFERENCES case_record (tenant, case_id) ON DELETE CASCADE,
  CONSTRAINT part_version_counts_from_one CHECK (version >= 1)
);
ALTER TABLE case_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_part FORCE ROW LEVEL SECURITY;
CREATE POLICY case_part_of_tenant ON case_part
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON case_part TO ${runtime};
