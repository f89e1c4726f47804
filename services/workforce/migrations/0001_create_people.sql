-- People. In clear stand random ids, codes, days and instants; whatever says who somebody is, is sealed
-- field by field under the tenant's data key, or stands as a keyed token. The tenant leads every key.
-- The numbers of states, types and fields are those of the published protos and of vault/fields.h.

-- The tenant's keys, wrapped: a data key (purpose 1) and a key of the blind index (purpose 2) for each
-- version, and the key under which sources' own keys and words are compared (purpose 3), of which there
-- is one. Not one key a person: a list of a thousand names must not unwrap a thousand keys. Deleting a
-- person deletes the rows; deleting these rows forgets the tenant. An index key that is retired makes
-- no token any more, and goes once the last token under it is gone.
CREATE TABLE tenant_key (
  tenant text NOT NULL,
  purpose smallint NOT NULL,
  key_version integer NOT NULL,
  wrapping_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant, purpose, key_version),
  CONSTRAINT key_version_is_positive CHECK (key_version > 0)
);
ALTER TABLE tenant_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_key_of_tenant ON tenant_key
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_key TO ${runtime};

-- A rotation: every value sealed under an older version is sealed anew, in batches that find their own
-- place (the rows with an older key_version), so that a process that dies loses nothing. Everybody gets
-- tokens of the new version beside the old ones in order of their ids: those up to tokens_after have them.
CREATE TABLE key_rotation (
  tenant text NOT NULL,
  key_version integer NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  tokens_after uuid,
  PRIMARY KEY (tenant, key_version)
);
ALTER TABLE key_rotation ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_rotation FORCE ROW LEVEL SECURITY;
CREATE POLICY key_rotation_of_tenant ON key_rotation
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON key_rotation TO ${runtime};

-- Somebody. person_id is the subject id that every other service knows. A merged person keeps
-- everything and points at the one who is shown. left_on is the first day without employment, for
-- the retention schedule.
CREATE TABLE person (
  tenant text NOT NULL,
  person_id uuid NOT NULL,
  version bigint NOT NULL,
  state smallint NOT NULL,
  workforce_type smallint NOT NULL,
  protected boolean NOT NULL DEFAULT false,
  merged_into uuid,
  transferred_to text,
  left_on date,
  choices_version bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, person_id),
  FOREIGN KEY (tenant, merged_into) REFERENCES person,
  CONSTRAINT person_version_is_positive CHECK (version > 0),
  CONSTRAINT nobody_is_merged_into_themselves CHECK (merged_into <> person_id),
  CONSTRAINT merged_person_points_at_another CHECK ((state = 5) = (merged_into IS NOT NULL))
);
CREATE INDEX person_by_merge ON person (tenant, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX person_by_end ON person (tenant, left_on) WHERE left_on IS NOT NULL;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY person_of_tenant ON person
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO ${runtime};

-- One field of one person, sealed; bound to tenant, table, person, field and version, so that no row
-- can stand in for another. No foreign key: a first load writes a million of them, and a person's
-- fields go with the person in the same transaction.
CREATE TABLE person_field (
  tenant text NOT NULL,
  person_id uuid NOT NULL,
  field smallint NOT NULL,
  version bigint NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, person_id, field)
);
CREATE INDEX person_field_by_key ON person_field (tenant, key_version);
ALTER TABLE person_field ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_field FORCE ROW LEVEL SECURITY;
CREATE POLICY person_field_of_tenant ON person_field
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON person_field TO ${runtime};

-- Earlier names and sexes that a change asked to seal.
CREATE TABLE former_identity (
  tenant text NOT NULL,
  former_id uuid NOT NULL,
  person_id uuid NOT NULL,
  until_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, former_id),
  FOREIGN KEY (tenant, person_id) REFERENCES person ON DELETE CASCADE
);
CREATE INDEX former_identity_by_person ON former_identity (tenant, person_id);
CREATE INDEX former_identity_by_key ON former_identity (tenant, key_version);
ALTER TABLE former_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE former_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY former_identity_of_tenant ON former_identity
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON former_identity TO ${runtime};

-- Where a person is found by a value that is known whole: HMAC-SHA-256 of the value under the tenant's
-- index key, the first 16 bytes. A collar number is found by the day on which it was worn; the others
-- hold for ever. kind: vault/fields.h. While the index key rotates a person has the tokens of every key
-- version that is not retired: whoever writes tokens holds the lock of LockTokens.
CREATE TABLE blind_index (
  tenant text NOT NULL,
  kind smallint NOT NULL,
  token bytea NOT NULL,
  person_id uuid NOT NULL,
  from_on date NOT NULL,
  until_on date NOT NULL,
  key_version integer NOT NULL,
  PRIMARY KEY (tenant, kind, token, person_id, from_on)
);
CREATE INDEX blind_index_by_key ON blind_index (tenant, key_version, person_id);
CREATE INDEX blind_index_by_person ON blind_index (tenant, person_id);
ALTER TABLE blind_index ENABLE ROW LEVEL SECURITY;
ALTER TABLE blind_index FORCE ROW LEVEL SECURITY;
CREATE POLICY blind_index_of_tenant ON blind_index
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON blind_index TO ${runtime};

-- What is true of an employment from one day to another (from_on <= day < until_on), and when that was
-- known (known_from <= instant < known_until). Rows are closed and never changed otherwise: what was
-- known then can be asked for ever. Employee and collar number are sealed, bound to person,
-- employment and from_on.
CREATE TABLE employment_slice (
  tenant text NOT NULL,
  slice_id uuid NOT NULL,
  person_id uuid NOT NULL,
  employment_id uuid NOT NULL,
  from_on date NOT NULL,
  until_on date NOT NULL,
  known_from timestamptz NOT NULL,
  known_until timestamptz NOT NULL,
  source text NOT NULL,
  source_version bigint NOT NULL,
  force_code text NOT NULL,
  workforce_type smallint NOT NULL,
  rank_band smallint NOT NULL,
  role_family smallint NOT NULL,
  exposure_roles smallint[] NOT NULL,
  site_code text NOT NULL,
  manager_id uuid,
  fte_percent smallint NOT NULL,
  shift_pattern text NOT NULL,
  state smallint NOT NULL,
  end_reason smallint NOT NULL,
  key_version integer NOT NULL,
  sealed_numbers bytea NOT NULL,
  PRIMARY KEY (tenant, slice_id),
  CONSTRAINT slice_has_a_length CHECK (from_on < until_on),
  CONSTRAINT nobody_manages_themselves CHECK (manager_id <> person_id)
);
-- One statement a day is what is known now.
CREATE UNIQUE INDEX employment_slice_of_a_day ON employment_slice (tenant, employment_id, from_on)
  WHERE known_until = 'infinity';
CREATE INDEX employment_slice_by_person ON employment_slice (tenant, person_id);
-- Whom somebody manages today.
CREATE INDEX employment_slice_by_manager ON employment_slice (tenant, manager_id, person_id)
  WHERE known_until = 'infinity' AND manager_id IS NOT NULL;
CREATE INDEX employment_slice_by_key ON employment_slice (tenant, key_version);
ALTER TABLE employment_slice ENABLE ROW LEVEL SECURITY;
ALTER TABLE employment_slice FORCE ROW LEVEL SECURITY;
CREATE POLICY employment_slice_of_tenant ON employment_slice
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON employment_slice TO ${runtime};

-- Who may see and find a protected person.
CREATE TABLE protection_allowed (
  tenant text NOT NULL,
  person_id uuid NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (tenant, person_id, user_id),
  FOREIGN KEY (tenant, person_id) REFERENCES person ON DELETE CASCADE
);
ALTER TABLE protection_allowed ENABLE ROW LEVEL SECURITY;
ALTER TABLE protection_allowed FORCE ROW LEVEL SECURITY;
CREATE POLICY protection_allowed_of_tenant ON protection_allowed
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON protection_allowed TO ${runtime};

-- Emergency access to one protected person by one user, for a short time.
CREATE TABLE break_glass (
  tenant text NOT NULL,
  grant_id uuid NOT NULL,
  person_id uuid NOT NULL,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  review_due_at timestamptz NOT NULL,
  reviewed_by text,
  reviewed_at timestamptz,
  justified boolean,
  key_version integer NOT NULL,
  sealed_reason bytea NOT NULL,
  PRIMARY KEY (tenant, grant_id),
  CONSTRAINT grant_has_a_length CHECK (opened_at < expires_at),
  CONSTRAINT another_person_reviews CHECK (reviewed_by <> opened_by),
  CONSTRAINT review_is_whole CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL)
    AND (reviewed_by IS NULL) = (justified IS NULL))
);
CREATE INDEX break_glass_by_person ON break_glass (tenant, person_id);
CREATE INDEX break_glass_by_user ON break_glass (tenant, opened_by, expires_at);
CREATE INDEX break_glass_open ON break_glass (tenant, review_due_at) WHERE reviewed_at IS NULL;
ALTER TABLE break_glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE break_glass FORCE ROW LEVEL SECURITY;
CREATE POLICY break_glass_of_tenant ON break_glass
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON break_glass TO ${runtime};

-- Requests to learn who stands behind a pseudonym of the audit log.
CREATE TABLE reidentification (
  tenant text NOT NULL,
  reidentification_id uuid NOT NULL,
  pseudonym text NOT NULL,
  person_id uuid,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  granted boolean,
  expires_at timestamptz,
  key_version integer NOT NULL,
  sealed_reason bytea NOT NULL,
  PRIMARY KEY (tenant, reidentification_id),
  CONSTRAINT another_person_decides CHECK (decided_by <> requested_by),
  CONSTRAINT decision_is_whole CHECK ((decided_by IS NULL) = (decided_at IS NULL)
    AND (decided_by IS NULL) = (granted IS NULL)),
  CONSTRAINT grant_expires CHECK (granted IS NOT TRUE OR expires_at IS NOT NULL)
);
CREATE INDEX reidentification_by_person ON reidentification (tenant, person_id)
  WHERE person_id IS NOT NULL;
ALTER TABLE reidentification ENABLE ROW LEVEL SECURITY;
ALTER TABLE reidentification FORCE ROW LEVEL SECURITY;
CREATE POLICY reidentification_of_tenant ON reidentification
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON reidentification TO ${runtime};

-- Consents to disclose, each to one recipient. A withdrawal is a second instant on the same row.
CREATE TABLE consent (
  tenant text NOT NULL,
  consent_id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind smallint NOT NULL,
  recipient text NOT NULL,
  given_at timestamptz NOT NULL,
  withdrawn_at timestamptz,
  PRIMARY KEY (tenant, consent_id),
  FOREIGN KEY (tenant, person_id) REFERENCES person ON DELETE CASCADE,
  CONSTRAINT consent_is_given_before_it_is_withdrawn CHECK (withdrawn_at >= given_at)
);
CREATE INDEX consent_by_person ON consent (tenant, person_id);
ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
CREATE POLICY consent_of_tenant ON consent
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON consent TO ${runtime};

-- Pairs that may be one person: 1 waits, 2 dismissed, 3 merged. Kept, so that a pair that somebody
-- judged does not come up again.
CREATE TABLE duplicate (
  tenant text NOT NULL,
  duplicate_id uuid NOT NULL,
  first_id uuid NOT NULL,
  second_id uuid NOT NULL,
  reason smallint NOT NULL,
  found_at timestamptz NOT NULL,
  state smallint NOT NULL,
  decided_by text,
  decided_at timestamptz,
  PRIMARY KEY (tenant, duplicate_id),
  UNIQUE (tenant, first_id, second_id),
  FOREIGN KEY (tenant, first_id) REFERENCES person ON DELETE CASCADE,
  FOREIGN KEY (tenant, second_id) REFERENCES person ON DELETE CASCADE,
  CONSTRAINT a_pair_stands_in_one_order CHECK (first_id < second_id)
);
CREATE INDEX duplicate_waiting ON duplicate (tenant, found_at) WHERE state = 1;
CREATE INDEX duplicate_by_second ON duplicate (tenant, second_id);
ALTER TABLE duplicate ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicate FORCE ROW LEVEL SECURITY;
CREATE POLICY duplicate_of_tenant ON duplicate
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON duplicate TO ${runtime};

-- Every joining of two records, and its undoing. prior_state is what the merged person was.
CREATE TABLE merge (
  tenant text NOT NULL,
  merge_id uuid NOT NULL,
  kept_id uuid NOT NULL,
  merged_id uuid NOT NULL,
  prior_state smallint NOT NULL,
  merged_by text NOT NULL,
  merged_at timestamptz NOT NULL,
  undone_by text,
  undone_at timestamptz,
  key_version integer NOT NULL,
  sealed_reason bytea NOT NULL,
  PRIMARY KEY (tenant, merge_id),
  FOREIGN KEY (tenant, kept_id) REFERENCES person ON DELETE CASCADE,
  FOREIGN KEY (tenant, merged_id) REFERENCES person ON DELETE CASCADE
);
CREATE UNIQUE INDEX merge_in_force ON merge (tenant, merged_id) WHERE undone_at IS NULL;
CREATE INDEX merge_by_kept ON merge (tenant, kept_id);
ALTER TABLE merge ENABLE ROW LEVEL SECURITY;
ALTER TABLE merge FORCE ROW LEVEL SECURITY;
CREATE POLICY merge_of_tenant ON merge
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON merge TO ${runtime};

-- One person on their way from one force to another; each force has its own row under the same id.
-- direction: 1 offered by this tenant, 2 offered to it. sealed_offer is what is handed over.
CREATE TABLE transfer (
  tenant text NOT NULL,
  transfer_id uuid NOT NULL,
  direction smallint NOT NULL,
  other_force text NOT NULL,
  person_id uuid,
  state smallint NOT NULL,
  offered_at timestamptz NOT NULL,
  answered_at timestamptz,
  key_version integer NOT NULL,
  sealed_offer bytea NOT NULL,
  PRIMARY KEY (tenant, transfer_id),
  CONSTRAINT answered_transfer_has_an_instant CHECK ((state = 1) = (answered_at IS NULL))
);
-- Somebody is offered to one force at a time.
CREATE UNIQUE INDEX transfer_offered ON transfer (tenant, person_id)
  WHERE direction = 1 AND state = 1;
CREATE INDEX transfer_by_person ON transfer (tenant, person_id) WHERE person_id IS NOT NULL;
ALTER TABLE transfer ENABLE ROW LEVEL SECURITY;
ALTER TABLE transfer FORCE ROW LEVEL SECURITY;
CREATE POLICY transfer_of_tenant ON transfer
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON transfer TO ${runtime};

-- Keeps a person's record beyond its retention.
CREATE TABLE legal_hold (
  tenant text NOT NULL,
  hold_id uuid NOT NULL,
  person_id uuid NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL,
  lifted_by text,
  lifted_at timestamptz,
  key_version integer NOT NULL,
  sealed_reason bytea NOT NULL,
  PRIMARY KEY (tenant, hold_id),
  FOREIGN KEY (tenant, person_id) REFERENCES person,
  CONSTRAINT lifting_is_whole CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE INDEX legal_hold_by_person ON legal_hold (tenant, person_id) WHERE lifted_at IS NULL;
ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE legal_hold FORCE ROW LEVEL SECURITY;
CREATE POLICY legal_hold_of_tenant ON legal_hold
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON legal_hold TO ${runtime};
