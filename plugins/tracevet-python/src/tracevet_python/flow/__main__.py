"""Print the table of rules for the README: `python -m tracevet_python.flow`."""

import sys

from tracevet_python.flow.rules import markdown_table

if __name__ == "__main__":
    sys.stdout.write(markdown_table())
