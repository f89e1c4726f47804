-- By what a partner may name a referral that it knows under a number of its own. Everything that says
-- who it is about is sealed; in clear stand organisation codes and ids. The tenant leads every key.

CREATE TABLE referral_match (
  tenant text NOT NULL,
  organisation_code text NOT NULL,
  case_id uuid NOT NULL,
  -- MatchKeys, sealed alone: the provider's number, the NHS number and the birth date.
  sealed_keys bytea NOT NULL,
  PRIMARY KEY (tenant, organisation_code, case_id)
);
ALTER TABLE referral_match ENABLE ROW LEVEL SECURITY;
ALTER TABLE referral_match FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_match_of_tenant ON referral_match
  USING (tenant = nullif(current_setting('waymark.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON referral_match TO ${runtime};
