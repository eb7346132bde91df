"""Print the tables for the README: `python -m tracevet_pii`."""

import sys

from tracevet_pii.readme import numbers_table, rules_table

if __name__ == "__main__":
    sys.stdout.write(rules_table() + "\n" + numbers_table())
