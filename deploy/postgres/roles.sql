-- The database and the two roles of one service: tools/run and an administrator use the same file.
--
--   psql --dbname=postgres --set=service=bbv --file=deploy/postgres/roles.sql
--
-- Run it as a superuser, once for each of bbv, scheduling and audit; again is harmless.
--   waymark_<service>_owner  owns the database and its tables; migrations run as it, nothing else
--   waymark_<service>        what the service logs in as; owns nothing, sees one tenant at a time
-- Neither has a password here: see README.md for how each logs in.

\set ON_ERROR_STOP on
SELECT 'waymark_' || translate(:'service', '-', '_') AS runtime,
       'waymark_' || translate(:'service', '-', '_') || '_owner' AS owner \gset

SELECT format('CREATE ROLE %I LOGIN', name)
FROM (VALUES (:'owner'), (:'runtime')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"owner" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"runtime" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Set on the role, because PgBouncer hands sessions from one client to the next. A statement has its
-- own, shorter timeout from the call's deadline; these are the last line.
ALTER ROLE :"owner" SET timezone = 'UTC';
ALTER ROLE :"runtime" SET timezone = 'UTC';
ALTER ROLE :"runtime" SET statement_timeout = '60s';
ALTER ROLE :"runtime" SET idle_in_transaction_session_timeout = '60s';

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0',
              :'runtime', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'runtime') \gexec

REVOKE ALL ON DATABASE :"runtime" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"runtime" TO :"runtime";

\connect :"runtime"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
-- Which rights the service has on which table is in the migrations, beside the table.
GRANT USAGE ON SCHEMA public TO :"runtime";
