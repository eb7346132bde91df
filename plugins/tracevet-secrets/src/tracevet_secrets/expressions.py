"""Values that are code, paths, addresses or data of another kind."""

import re

from tracevet_secrets.shapes import shape_of

_CODE = re.compile(
    r"""^[A-Za-z_$][\w$.]*\(.*\)?;?$                                   # a call
      | ^[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+\(?.*$       # a member
      | => | ^\w+\[ | ^\[[\w.]+\]:: | :$ | ^</?\w | ^--?[a-z]
      | \\[dws][+*\]{] | \[\^ | \.[*+] | a-z[A\]] | \(\?[:=!<] | \)\$$ | ^\^   # a regular expression
      | ^[#.][A-Za-z_-]+\d?$                                            # a selector
      | ^[a-z]+\|[a-z|:\d]+$                                            # a validation: required|min:8
      | ^\w+:[0-9a-f]{32,}$                                             # a digest: sha256:…""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|[A-Za-z]:\\")
_PUBLIC_KEYS = ("AAAAB3Nza", "AAAAC3Nza", "AAAAE2Vj")  # base64 of ssh-rsa, ssh-ed25519, ecdsa
_ROOTS = ("/", "./", "../", "~")
_AWS_SECRET = 40  # characters, of base64: may begin with a slash
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_PATH = re.compile(r"[~.\w*-]*(?:/[\w.@+*-]*)+")
_PATH_WORDS = 0.36  # share of a path that stands in words, at least
_FILE = re.compile(
    r"\.(?:py|js|ts|json|ya?ml|pem|key|crt|txt|html?|xml|conf|cfg|ini|properties|java|go|rb|php|env|sh|md)$"
)
_MAIL = re.compile(r"^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$")
_STAMP = re.compile(r"^v?\d+(?:[.:-]\d+)+(?:[a-z]+\d*)?$|^\d{4}-\d\d-\d\d")
_VARIABLE = re.compile(r"(?!.*\d.*\d.*\d)[A-Z]+[A-Z0-9]*(?:_[A-Z0-9]+)+")  # DB_PASSWORD_2


def is_expression(value: str) -> bool:
    """Say whether a value is code, a path, an address, a file, a version or a date rather than a secret."""
    if value.startswith(_PUBLIC_KEYS) or _ADDRESS.match(value) or _VARIABLE.fullmatch(value):
        return True
    return ("/" in value and _is_path(value)) or any(each.search(value) for each in (_CODE, _FILE, _MAIL, _STAMP))


def _is_path(value: str) -> bool:
    """Say whether a value with slashes is a path or a media type, and not base64."""
    rooted = value.startswith(_ROOTS) and (len(value) < _AWS_SECRET or not _BASE64.fullmatch(value))
    return bool(_PATH.fullmatch(value)) and (rooted or shape_of(value).wordy >= _PATH_WORDS)
