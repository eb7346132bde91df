#!/usr/bin/env bash
# Builds every distribution, installs the wheels into an empty environment, and uses them from an empty directory.
set -euo pipefail
cd "$(dirname "$0")/.."

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
uv build --quiet --all-packages --out-dir "$place/dist"
uv venv --quiet "$place/venv"
uv pip install --quiet --python "$place/venv/bin/python" "$place"/dist/*.whl
mkdir "$place/empty"
cd "$place/empty"
export HOME="$place/empty"
"$place/venv/bin/tracevet" --version
"$place/venv/bin/tracevet" plugins doctor
"$place/venv/bin/tracevet" demo --format jsonl | grep -q '"policy":"sql-injection"'
