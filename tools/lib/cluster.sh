# shellcheck shell=bash
# A private PostgreSQL cluster: Unix socket only, so it takes no port and nobody else reaches it.
# Sourced after waymark.sh. PostgreSQL refuses to run as root, so root hands it to the user postgres.

PG_BIN=${WAYMARK_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}

# as_pg COMMAND...: as the user PostgreSQL runs as, in a folder that this user may enter.
as_pg() {
  if ((EUID == 0)); then
    (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
  else
    (cd / && "$@")
  fi
}

# cluster_folder WANTED: WANTED, or where PostgreSQL's user cannot enter it, a place that it can. A
# socket's path may have 107 bytes, so the socket lies beside the data only when that is short.
cluster_folder() {
  local wanted=$1 hash
  hash=$(printf '%s' "$wanted" | sha256sum | head -c 12)
  mkdir -p "$(dirname "$wanted")"
  if ((EUID == 0)) && ! as_pg test -x "$(dirname "$wanted")"; then
    wanted=/var/lib/waymark-dev/$hash
    mkdir -p /var/lib/waymark-dev
  fi
  printf '%s\n' "$wanted"
}

cluster_socket() {
  local folder=$1
  if ((${#folder} <= 80)); then
    printf '%s/socket\n' "$folder"
  else
    printf '/tmp/waymark-%s\n' "$(printf '%s' "$folder" | sha256sum | head -c 12)"
  fi
}

# cluster_make FOLDER: initialises it once.
cluster_make() {
  local folder=$1
  [[ -s $folder/data/PG_VERSION ]] && return 0
  mkdir -p "$folder"
  chmod 700 "$folder"
  ((EUID == 0)) && chown postgres:postgres "$folder"
  as_pg "$PG_BIN/initdb" --pgdata="$folder/data" --username=postgres --auth-local=trust \
    --auth-host=reject --encoding=UTF8 --locale=C.UTF-8 --data-checksums >"/tmp/waymark-initdb.$$" 2>&1 || {
    cat "/tmp/waymark-initdb.$$" >&2
    rm -f "/tmp/waymark-initdb.$$"
    return 1
  }
  rm -f "/tmp/waymark-initdb.$$"
}

# cluster_start FOLDER [name=value...]: starts it, or finds it running.
cluster_start() {
  local folder=$1 socket options setting
  shift
  socket=$(cluster_socket "$folder")
  as_pg mkdir -p -m 700 "$socket"
  as_pg "$PG_BIN/pg_ctl" status --pgdata="$folder/data" >/dev/null && return 0
  options="-c listen_addresses='' -c unix_socket_directories='$socket' -c port=5432"
  options+=" -c shared_buffers=64MB -c max_connections=120 -c wal_compression=on"
  options+=" -c logging_collector=off -c log_min_messages=warning"
  for setting in "$@"; do options+=" -c $setting"; done
  # Its own session, so that Ctrl-C stops the services first and the database last.
  as_pg setsid "$PG_BIN/pg_ctl" start --pgdata="$folder/data" --wait --timeout=60 --silent \
    --log="$folder/log" --options="$options" </dev/null >/dev/null || {
    tail -n 20 "$folder/log" >&2
    return 1
  }
}

# cluster_stop FOLDER [MODE]
cluster_stop() {
  as_pg "$PG_BIN/pg_ctl" stop --pgdata="$1/data" --mode="${2:-fast}" --wait --silent >/dev/null 2>&1 ||
    true
}

# cluster_dsn FOLDER DATABASE USER
cluster_dsn() {
  printf 'host=%s port=5432 dbname=%s user=%s\n' "$(cluster_socket "$1")" "$2" "$3"
}

# cluster_sql FOLDER DATABASE [psql arguments]: as the superuser, quietly, stopping at an error.
cluster_sql() {
  local folder=$1 database=$2
  shift 2
  as_pg env PGOPTIONS='--client-min-messages=warning' psql --no-psqlrc --quiet --no-align \
    --tuples-only --set=ON_ERROR_STOP=1 --dbname="$(cluster_dsn "$folder" "$database" postgres)" "$@"
}
