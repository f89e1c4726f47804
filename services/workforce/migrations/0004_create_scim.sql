-- What an identity system says of somebody by SCIM and nothing else here keeps: its own name and its
-- own key of them, and the days that it wrote. Everything else of a User stands in the tables of
-- people, where every source writes. A row is gone when the identity system deletes the user; the
-- person stays. user_name_token is of the name in lower case: the one place where no two people of a
-- force may have the same.
CREATE TABLE scim_user (
  tenant text NOT NULL,
  person_id uuid NOT NULL,
  user_name_token bytea NOT NULL,
  external_token bytea,
  key_version integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, person_id),
  FOREIGN KEY (tenant, person_id) REFERENCES person ON DELETE CASCADE
);
CREATE UNIQUE INDEX scim_user_by_name ON scim_user (tenant, user_name_token);
CREATE INDEX scim_user_by_external ON scim_user (tenant, external_token)
  WHERE external_token IS NOT NULL;
CREATE INDEX scim_user_by_key ON scim_user (tenant, key_version);
ALTER TABLE scim_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_user FORCE ROW LEVEL SECURITY;
CREATE POLICY scim_user_of_tenant ON scim_user
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON scim_user TO ${runtime};
