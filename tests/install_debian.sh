#!/usr/bin/env bash
# Installs what tests drive and pip does not have, from Debian's packages, where it is missing:
# PostgreSQL's server for the tests of sessions, Chromium for the tests of the page.
set -euo pipefail
missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
	missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium)
if [ "${#missing[@]}" = 0 ]; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing ${missing[*]} for the tests"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" \
		>/dev/null
else
	echo "Not here: ${missing[*]}; their tests are skipped. On Debian: apt install ${missing[*]}." >&2
fi
