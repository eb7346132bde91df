#!/usr/bin/env bash
# Builds every distribution, installs the wheels into an empty environment, and uses them from an empty directory.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
uv build --quiet --all-packages --out-dir "$place/dist"
uv venv --quiet "$place/venv"
wheel=$(ls "$place"/dist/tracevet-[0-9]*.whl)
uv pip install --quiet --python "$place/venv/bin/python" "tracevet[all,testing] @ file://$wheel" "$place"/dist/tracevet_*.whl 'pytest>=8'
mkdir "$place/empty"
cd "$place/empty"
export HOME="$place/empty"
"$place/venv/bin/tracevet" --version
"$place/venv/bin/tracevet" plugins doctor
"$place/venv/bin/tracevet" demo --format jsonl | grep '"policy":"sql-injection"' >/dev/null

# As a new user: a plugin from the template, three lines changed, tested, and its finding in a scan.
PATH="$place/venv/bin:$PATH" INSTALL="uv pip install --quiet --python $place/venv/bin/python" bash "$repo/examples/first-plugin/show.sh"

# A distribution from outside the workspace: built, installed from its wheel, tested.
cp -r "$repo/examples/card-logging" "$place/card-logging"
uv build --quiet --wheel --out-dir "$place/dist" "$place/card-logging"
uv pip install --quiet --python "$place/venv/bin/python" "$place"/dist/acme_card_logging-*.whl
"$place/venv/bin/python" -m pytest -q -p no:cacheprovider "$place/card-logging/tests"
"$place/venv/bin/tracevet" plugins --json | grep '"name": "card-logging"' >/dev/null
"$place/venv/bin/tracevet" policies check "$repo/examples/rules-without-code/acme.yaml"
