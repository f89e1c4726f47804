-- What somebody has typed and not sent yet. Whose it is and which form it belongs to are keyed
-- pseudonyms, because a form's name says which step of which case is being worked on; the rest is
-- sealed under a key of its own, bound to tenant, person and form.
CREATE TABLE draft (
  tenant text COLLATE "C" NOT NULL,
  user_token text COLLATE "C" NOT NULL,
  form_token text COLLATE "C" NOT NULL,
  saved_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, user_token, form_token),
  CONSTRAINT draft_expires_after_it_was_saved CHECK (expires_at > saved_at),
  CONSTRAINT draft_is_small CHECK (octet_length(sealed) <= 81920)
);
-- Saved every other second while somebody types: with room on the page, and no index on what changes,
-- an update touches no index. The purge goes through a tenant's few rows.
ALTER TABLE draft SET (fillfactor = 70);
ALTER TABLE draft ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE draft FORCE ROW LEVEL SECURITY;
CREATE POLICY draft_of_tenant ON draft
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT, UPDATE, DELETE ON draft TO ${runtime};
