#!/usr/bin/env bash
# Runs the tests of the pool, its sandbox and the programs in it as an ordinary user, on the wheel.
#
# For whom `make test` runs as root, where the kernel treats a sandbox differently. The environment
# is made new under /tmp from the system's Python, since one under root's home is closed to others.
# Usage: [TEST_USER=nobody] [SYSTEM_PYTHON=/usr/bin/python3] tests/as_ordinary_user.sh [pytest's arguments]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

user=${TEST_USER:-nobody}
python=${SYSTEM_PYTHON:-/usr/bin/python3}
if [ "$(uname)" != Linux ]; then
	echo "Not run as another user: the sandbox is Linux's."
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "Not run as another user: $(id -un) is an ordinary one, and make test has run the same tests."
	exit 0
fi
as_user=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --inh-caps=-all)
if ! "${as_user[@]}" "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'; then
	echo "For $user, $python is no Python 3.11 or later with venv. On Debian: apt install python3-venv." >&2
	echo "Or name one that every user can read: SYSTEM_PYTHON=path/to/python3 make test-user" >&2
	exit 1
fi

place=$(mktemp -d /tmp/optiwright-user-XXXXXX)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place/home" "$place/tmp" "$place/run" "$place/source"
# What git tracks or would track, so that no stale build gets in; what is deleted is not there.
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
	while IFS= read -r -d '' name; do [ ! -e "$name" ] || printf '%s\0' "$name"; done |
	tar --create --null --files-from=- | tar --extract --directory="$place/source"

echo "Installing the wheel for $user (a minute or two)"
"$python" -m venv "$place/venv"
pip=("$place/venv/bin/python" -m pip install --quiet --quiet --no-input --disable-pip-version-check
	--progress-bar off --constraint constraints.txt)
"${pip[@]}" build setuptools pytest pytest-timeout hypothesis
"$place/venv/bin/python" -m build --wheel --no-isolation --outdir "$place" "$place/source" \
	>"$place/build.log" || { cat "$place/build.log" >&2; exit 1; }
"${pip[@]}" "$place"/optiwright-*.whl
cp -R "$place/source/tests" "$place/source/docs" "$place/source/pyproject.toml" "$place/run"
chown -R "$user" "$place/home" "$place/tmp" "$place/run"

echo "Running the tests of the pool and its sandbox as $user"
cd "$place/run"
"${as_user[@]}" env -i HOME="$place/home" TMPDIR="$place/tmp" PATH=/usr/bin:/bin LANG=C.UTF-8 \
	"$place/venv/bin/python" -m pytest -q -p no:cacheprovider \
	tests/test_sandbox.py tests/test_sandbox_paths.py tests/test_sandbox_spares.py tests/test_pool.py \
	tests/test_written.py "$@"
