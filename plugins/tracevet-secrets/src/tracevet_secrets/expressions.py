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
# A digit in the middle of a word, of which no member of an object is made: `Gr4nite.Peak`, but not `i18n.title`.
_LEET = re.compile(
    r"(?!(?:.*\.)?(?:k8s|i18n|l10n|a11y|e2e|p2p|b2b|b2c|v\d+\w*|utf8\w*|x\d+\w*|\w*[a-z]2[a-z]\w*)(?:\.|$))"
    r"\w*[A-Za-z]\d[A-Za-z]\w*\.\w+|\w+\.\w*[A-Za-z]\d[A-Za-z]\w*"
)


def is_expression(value: str) -> bool:
    """Say whether a value is code, a path, an address, a file, a version or a date rather than a secret."""
    if value.startswith(_PUBLIC_KEYS) or _ADDRESS.match(value) or _VARIABLE.fullmatch(value):
        return True
    return ("/" in value and _is_path(value)) or _is_code(value)


def _is_code(value: str) -> bool:
    """Say whether a value has a form of code, or that of a file's name, a mail address, a version or a date."""
    forms = (_FILE, _MAIL, _STAMP) if _LEET.fullmatch(value) else (_CODE, _FILE, _MAIL, _STAMP)
    return any(each.search(value) for each in forms)


def _is_path(value: str) -> bool:
    """Say whether a value with slashes is a path or a media type, and not base64."""
    rooted = value.startswith(_ROOTS) and (len(value) < _AWS_SECRET or not _BASE64.fullmatch(value))
    return bool(_PATH.fullmatch(value)) and (rooted or shape_of(value).wordy >= _PATH_WORDS)
