-- Who is signed in. A session is found by the SHA-256 of the secret in its cookie, so that whoever
-- reads this table cannot sign in with it; what is known of the person is sealed under a key of its
-- own, bound to tenant and session.
CREATE TABLE session (
  tenant text COLLATE "C" NOT NULL,
  session_hash bytea NOT NULL,
  -- Keyed pseudonym of the person: finds all their sessions and tells nothing.
  user_token text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  -- Whatever happens, the session is over then.
  ends_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, session_hash),
  CONSTRAINT session_hash_has_32_bytes CHECK (octet_length(session_hash) = 32),
  CONSTRAINT session_ends_after_it_begins CHECK (ends_at > created_at)
);
CREATE INDEX session_by_user ON session (tenant, user_token);
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY session_of_tenant ON session
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO ${runtime};

-- A sign-in that has been sent to the provider and has not come back. Nobody is known yet, so there
-- is no tenant: exempt from row-level security, and it holds two hashes and a sealed text. A row is
-- deleted when it is used, so that a state is good for one callback.
CREATE TABLE sign_in (
  state_hash bytea PRIMARY KEY,
  browser_hash bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  key_version integer NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT state_hash_has_32_bytes CHECK (octet_length(state_hash) = 32),
  CONSTRAINT browser_hash_has_32_bytes CHECK (octet_length(browser_hash) = 32)
);
CREATE INDEX sign_in_by_age ON sign_in (expires_at);
GRANT SELECT, INSERT, DELETE ON sign_in TO ${runtime};
