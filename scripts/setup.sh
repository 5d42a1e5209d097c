#!/usr/bin/env bash
# Makes the virtual environment: setup.sh PYTHON FOLDER all|dev
# "all" is wasmctl with its extras (Node.js, Envoy); "dev" adds the tools of `make test`.
set -euo pipefail
python=$1 folder=$2 what=$3

fail() { printf 'error: %s\nhint:  %s\n' "$1" "$2" >&2; exit 4; }

# Debian and older systems may call a newer interpreter by its version alone.
for candidate in "$python" python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found=$candidate
    break
  fi
done
[ -n "${found:-}" ] || fail "no Python 3.11 or newer found" \
  "install one, or name it: make PYTHON=/path/to/python3.12"
"$found" -c 'import ensurepip, venv' 2>/dev/null || fail "$found has no venv module" \
  "install it (Debian, Ubuntu: apt-get install python3-venv), then run the command again"

if [ ! -x "$folder/bin/python" ]; then
  echo "making $folder with $("$found" --version)"
  "$found" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --upgrade 'pip==26.3'  # knows --group
fi
echo "installing wasmctl and what it needs into $folder (once)"
groups=()
[ "$what" = dev ] && groups=(--group dev --group package)
"$folder/bin/python" -m pip install --quiet --editable '.[all]' "${groups[@]}"
touch "$folder/installed-all"
[ "$what" = dev ] && touch "$folder/installed-dev"
exit 0
