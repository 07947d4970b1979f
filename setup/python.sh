#!/bin/sh
# Installs Python packages into the folder .venv: setup/python.sh REQUIREMENTS
#
# They are named before, and who sits at the terminal is asked. Exit code 0: they are here now. With SETUP=done in the
# environment nothing is installed.
set -eu
requirements=$1
venv=$(dirname "$0")/../.venv
done=$venv/$(echo "$requirements" | tr / -)

cmp -s "$requirements" "$done" && exit 0
[ -z "${SETUP:-}" ] || exit 1
echo "Installing with pip into .venv, as $requirements says: $(grep -v '^#' "$requirements" | tr '\n' ' ')"
sed -n 's/^# //p' "$requirements"
sh "$(dirname "$0")/ask.sh" "Install them?" || exit 1
sh "$(dirname "$0")/packages.sh" python || exit 1
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
cp "$requirements" "$done"
