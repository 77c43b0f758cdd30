#!/usr/bin/env bash
# Installs PostgreSQL's server for the tests of sessions, from Debian's packages, where it is missing.
set -euo pipefail
if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing PostgreSQL for the tests of sessions"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends postgresql >/dev/null
else
	echo "No PostgreSQL here, so that its tests are skipped. On Debian: apt install postgresql." >&2
fi
