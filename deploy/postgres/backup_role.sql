-- The role that base backups and archived logs are taken with. Run as a superuser, once a cluster:
--
--   psql --dbname=postgres --file=deploy/postgres/backup_role.sql

\set ON_ERROR_STOP on
SELECT 'CREATE ROLE waymark_backup LOGIN REPLICATION'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'waymark_backup') \gexec
ALTER ROLE waymark_backup NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
-- For pg_backup_start's checks and for closing the log file that a copy needs; reads no table.
GRANT pg_monitor TO waymark_backup;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO waymark_backup;
