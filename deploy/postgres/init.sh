#!/usr/bin/env bash
# Runs once, on an empty data folder: one database and one role per service; no role can connect to another's database.
# Reads the passwords from $SERVICE_PASSWORDS/<service>.
set -euo pipefail

sql() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres
}

create_service() { # name, with its password in $PASSWORD
  SERVICE=$1 sql <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
}

for service in openings learners matching; do
  PASSWORD=$(cat "$SERVICE_PASSWORDS/$service") create_service "$service"
done
sql <<'SQL'
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
SQL
