-- Who gives care and when they have time. Nothing here is about a patient: a claim on a slot names a
-- referral by its random id. Entries that everybody sees are those of the tenant "directory"; a force's
-- own are that force's.

-- body: DirectoryEntry without version.
CREATE TABLE directory_entry (
  tenant text NOT NULL,
  organisation_code text NOT NULL,
  version bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (tenant, organisation_code),
  CONSTRAINT directory_entry_version_is_positive CHECK (version > 0)
);
ALTER TABLE directory_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY directory_entry_of_tenant ON directory_entry
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_entry TO ${runtime};

-- care_service: referral_content.proto. Finds entries by what they offer.
CREATE TABLE directory_service (
  tenant text NOT NULL,
  service_id uuid NOT NULL,
  organisation_code text NOT NULL,
  care_service smallint NOT NULL,
  PRIMARY KEY (tenant, service_id),
  FOREIGN KEY (tenant, organisation_code) REFERENCES directory_entry ON DELETE CASCADE
);
CREATE INDEX directory_service_by_kind ON directory_service (tenant, care_service, organisation_code);
CREATE INDEX directory_service_by_entry ON directory_service (tenant, organisation_code);
ALTER TABLE directory_service ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_service FORCE ROW LEVEL SECURITY;
CREATE POLICY directory_service_of_tenant ON directory_service
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_service TO ${runtime};

CREATE TABLE slot (
  tenant text NOT NULL,
  slot_id uuid NOT NULL,
  service_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  place text NOT NULL,
  PRIMARY KEY (tenant, slot_id),
  FOREIGN KEY (tenant, service_id) REFERENCES directory_service ON DELETE CASCADE,
  CONSTRAINT slot_ends_after_it_starts CHECK (ends_at > starts_at)
);
CREATE INDEX slot_by_service ON slot (tenant, service_id, starts_at);
ALTER TABLE slot ENABLE ROW LEVEL SECURITY;
ALTER TABLE slot FORCE ROW LEVEL SECURITY;
CREATE POLICY slot_of_tenant ON slot
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON slot TO ${runtime};

-- A slot is a unique constraint: whose row it is has it. held_until: null for a booking. No CASCADE: a
-- slot that somebody has is not withdrawn.
CREATE TABLE slot_claim (
  tenant text NOT NULL,
  slot_id uuid NOT NULL,
  referral_id uuid NOT NULL,
  held_until timestamptz,
  PRIMARY KEY (tenant, slot_id),
  FOREIGN KEY (tenant, slot_id) REFERENCES slot
);
CREATE INDEX slot_claim_by_referral ON slot_claim (tenant, referral_id);
ALTER TABLE slot_claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE slot_claim FORCE ROW LEVEL SECURITY;
CREATE POLICY slot_claim_of_tenant ON slot_claim
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON slot_claim TO ${runtime};
