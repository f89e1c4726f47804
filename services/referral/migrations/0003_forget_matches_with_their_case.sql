-- What a referral may be named by goes when its case goes: it says who the patient is. NOT VALID: no
-- row without its case is there to be checked, and the table need not be locked for it.
ALTER TABLE referral_match
  ADD CONSTRAINT match_is_of_a_case FOREIGN KEY (tenant, case_id)
  REFERENCES case_record (tenant, case_id) ON DELETE CASCADE NOT VALID;
CREATE INDEX referral_match_of_case ON referral_match (tenant, case_id);
