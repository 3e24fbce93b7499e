#!/bin/bash
# Written by chatops. Makes the role and the database of the chat, and gives them the passwords
# that the environment holds. Can be run at any time; the last line is `changed` or `same`.
set -euo pipefail
name=mattermost
said=same

ready() { pg_isready -q -h 127.0.0.1 -U postgres; }
asked() { psql -X -q -t -A -v ON_ERROR_STOP=1 -v name="$name" -U postgres -d postgres; }
may_enter() { PGPASSWORD=$2 PGCONNECT_TIMEOUT=5 psql -X -w -q -h 127.0.0.1 -U "$1" -d "$3" -c 'SELECT 1' > /dev/null 2>&1; }

for _ in $(seq 120); do
    ready && break
    sleep 1
done
ready

# The passwords go by the environment and standard input: no process shows them.
if [ "$(asked <<< "SELECT count(*) FROM pg_roles WHERE rolname = :'name'")" = 0 ]; then
    asked <<'SQL'
\getenv password DATABASE_PASSWORD
CREATE ROLE :"name" LOGIN PASSWORD :'password';
SQL
    said=changed
fi
if [ "$(asked <<< "SELECT count(*) FROM pg_database WHERE datname = :'name'")" = 0 ]; then
    asked <<'SQL'
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
SQL
    asked <<'SQL'
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    said=changed
fi
if ! may_enter "$name" "$DATABASE_PASSWORD" "$name"; then
    asked <<'SQL'
\getenv password DATABASE_PASSWORD
ALTER ROLE :"name" PASSWORD :'password';
SQL
    may_enter "$name" "$DATABASE_PASSWORD" "$name"
    said=changed
fi
if ! may_enter postgres "$POSTGRES_PASSWORD" postgres; then
    asked <<'SQL'
\getenv password POSTGRES_PASSWORD
ALTER ROLE postgres PASSWORD :'password';
SQL
    may_enter postgres "$POSTGRES_PASSWORD" postgres
    said=changed
fi
echo "$said"
