"""Developers' names, or what stands for them: the same for one person throughout one ledger."""

import hashlib
import hmac
import re
from functools import lru_cache

UNKNOWN = "unknown"
PSEUDONYM = re.compile(r"dev-[0-9a-f]{10}")
_SHORTEST = 3  # characters from which on a name is looked for in other texts
_HOME = re.compile(r"(?:/home|/Users|\b[A-Za-z]:[\\/]{1,2}Users)[\\/]{1,2}[^\\/\s:\"'`<>|]{1,200}")


class Pseudonyms:
    """Gives what stands for developers, under a ledger's key; `reveal` leaves their names."""

    def __init__(self, key: bytes, *, reveal: bool = False) -> None:
        """Take the key: who does not have it can't tell whose pseudonym it is."""
        self._key = key
        self.reveal = reveal

    def of(self, developer: str | None) -> str:
        """Give the name to be shown."""
        if developer is None:
            return UNKNOWN
        return developer if self.reveal else self.made(developer)

    def made(self, developer: str) -> str:
        """Give the pseudonym."""
        name = developer.strip().casefold().encode("utf-8", "surrogatepass")
        return f"dev-{hmac.new(self._key, name, hashlib.sha256).hexdigest()[:10]}"

    def hide(self, text: str, developer: str | None) -> str:
        """Take the developer's name and home directories out of a text, unless names are shown."""
        if self.reveal:
            return text
        text = _HOME.sub("~", text)
        pattern = _naming(developer or "")
        return pattern.sub(self.made(developer or ""), text) if pattern else text


@lru_cache(maxsize=256)
def _naming(developer: str) -> re.Pattern[str] | None:
    """Find the name as a whole; what stands before an @ also as a part of a path or branch."""
    name, local = developer.strip(), developer.strip().partition("@")[0]
    if len(name) < _SHORTEST:
        return None
    part = re.escape(local if len(local) >= _SHORTEST else name)
    as_part = rf"(?<=[/\\]){part}(?![^/\\])|(?<![^/\\]){part}(?=[/\\])"
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)|{as_part}", re.IGNORECASE)
