"""Settings that hold secrets: written `${NAME}` in a file, read from the environment."""

import os
import re

from tracevet.errors import ConfigError

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def from_environment(text: str, subject: str) -> str:
    """Put the variables' values in place of each `${NAME}` in the text; everything else stays.

    Raises:
        ConfigError: a variable is not set; the text names it and the `subject`, never a value.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1], "").strip()
        if not found:
            raise ConfigError(f"{subject} needs the environment variable {match[1]}, which is not set")
        return found

    return _NAME.sub(value, text)
