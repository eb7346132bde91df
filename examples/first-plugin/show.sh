#!/usr/bin/env bash
# From an empty directory to a finding of your own. INSTALL installs a distribution from a folder; default: pip install.
set -euo pipefail

tracevet plugins new no-print --kind detector

# The three lines.
sed -i.bak 's/^BANNED = .*/BANNED = re.compile(r"\\bprint\\(")/' tracevet-no-print/src/tracevet_no_print/__init__.py
sed -i.bak 's/banned_call(1)/print(1)/; s/other_call(1)/log.info(1)/' tracevet-no-print/tests/test_no_print.py

${INSTALL:-pip install} './tracevet-no-print'
pytest -q tracevet-no-print/tests

cat > trace.json <<'JSON'
[{"id": "o1", "traceId": "t1", "type": "GENERATION", "name": "answer", "model": "some-model",
  "startTime": "2026-11-01T12:00:00Z", "endTime": "2026-11-01T12:00:03Z",
  "input": {"messages": [{"role": "user", "content": "Show me the total."}]},
  "output": {"role": "assistant", "content": "Here:\n\n```python\ntotal = sum(prices)\nprint(total)\n```\n"}}]
JSON
code=0
tracevet scan trace.json --ledger ledger.db || code=$?
test "$code" = 1
tracevet scan trace.json --ledger ledger.db --format jsonl --fail-on never | grep '"policy":"no-print"' >/dev/null
