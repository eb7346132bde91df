"""What an assistant's settings run: `python -I -S …/start.py claude-code`.

Without `site`, and with the client as a module of its own: both spare more time than vetting takes.
"""

import sys

_FOLDER = __file__.rpartition("/")[0]

if __name__ == "__main__":
    sys.path.append(_FOLDER)
    import client  # type: ignore[import-not-found]  # found by the line above, which only the interpreter sees

    sys.path[-1] = _FOLDER.rpartition("/")[0].rpartition("/")[0]  # `tracevet` itself, for what is needed seldom
    client.main()
