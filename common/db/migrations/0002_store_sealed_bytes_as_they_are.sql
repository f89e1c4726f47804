-- Answers and messages are sealed, and sealed bytes do not compress: trying costs a twentieth of a call.
ALTER TABLE idempotency_key ALTER COLUMN response SET STORAGE EXTERNAL;
ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
