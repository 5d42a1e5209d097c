#!/usr/bin/env bash
# Builds the wheel and the sdist, checks both, installs each into a fresh environment and runs it.
set -euo pipefail
python=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --outdir "$work/dist" .
"$python" -m twine check --strict "$work"/dist/*
# W002 is about equal files: templates of different languages share scenarios on purpose.
"$python" -m check_wheel_contents --ignore W002 "$work"/dist/*.whl
for package in "$work"/dist/*.whl "$work"/dist/*.tar.gz; do
  "$python" -m venv --clear "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet "$package"
  (cd "$work" && venv/bin/wasmctl --version && venv/bin/wasmctl init --list && rm -rf try &&
    venv/bin/wasmctl init try --lang assemblyscript --defaults >/dev/null && ls try)
  echo "installed and run: ${package##*/}"
done
mkdir -p dist
cp "$work"/dist/* dist/
