"""Print the table of rules for the README: `python -m tracevet_python.bandit`."""

import sys

from tracevet_python.bandit.rules import markdown_table

if __name__ == "__main__":
    sys.stdout.write(markdown_table())
