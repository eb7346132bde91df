"""Print the table of rules for the README: `python -m tracevet_astgrep`, or bring one up to date, given its path."""

import sys
from pathlib import Path

from tracevet_astgrep.table import markdown, updated

if __name__ == "__main__":
    if len(sys.argv) > 1:
        readme = Path(sys.argv[1])
        readme.write_text(updated(readme.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(markdown())
