"""Write an export of any size: `PYTHONPATH=tests/support python tests/benchmarks/make_export.py FOLDER --spans 100000`.

The recorded traces of tests/data, with sessions of several turns: all of a recording's sessions say the same but for
the names in the code, which are another session's own in one of three.
"""

import argparse
from itertools import islice
from pathlib import Path

import export_files


def main() -> None:
    """Read the arguments, and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", choices=("langfuse", "langsmith"), default="langfuse")
    parser.add_argument("--spans", type=int, default=100_000)
    parser.add_argument("--form", default="parquet", help="of Langfuse's files: parquet, json, jsonl, csv, jsonl.gz, …")
    parser.add_argument("--size", type=int, default=20_000, help="spans of one file")
    given = parser.parse_args()
    rows = islice(export_files.rows(given.platform, given.spans), given.spans)
    if given.platform == "langfuse":
        made = export_files.write_langfuse(given.folder, rows, given.form, size=given.size)
    else:
        made = export_files.write_langsmith(given.folder, rows, size=given.size)
    print(f"{len(made)} files, {sum(path.stat().st_size for path in made) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
