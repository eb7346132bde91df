"""What makes data harmless, and for which families of weakness."""

import re
from collections.abc import Mapping
from functools import lru_cache

from tracevet_python.flow.values import Value

EVERYTHING = frozenset(
    [
        "sql-injection",
        "nosql-injection",
        "command-injection",
        "code-injection",
        "path-traversal",
        "archive-traversal",
        "xss",
        "template-injection",
        "ssrf",
        "xxe",
        "ldap-injection",
        "xpath-injection",
        "open-redirect",
        "unsafe-deserialization",
        "log-injection",
        "header-injection",
        "trust-boundary",
        "unrestricted-upload",
        "regex-injection",
        "resource-consumption",
        "error-exposure",
        "format-string",
        "mass-assignment",
        "sensitive-log",
        "unsafe-reflection",
        "xml-injection",
        "password-hash",
        "weak-random",
    ]
)
INJECTIONS = EVERYTHING - {"resource-consumption"}
_HTML = frozenset({"xss", "xml-injection"})
_LINE = frozenset({"log-injection", "header-injection"})
_URL = frozenset({"ssrf", "open-redirect", "xss", "path-traversal", "xml-injection", "xpath-injection"}) | _LINE

_TABLE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "int",
            "float",
            "bool",
            "complex",
            "len",
            "abs",
            "round",
            "ord",
            "hash",
            "id",
            "isinstance",
            "type",
            "uuid.UUID",
            "UUID",
            "decimal.Decimal",
            "Decimal",
            "datetime.datetime.strptime",
            "datetime.strptime",
            "datetime.datetime.fromisoformat",
            "datetime.fromisoformat",
            "ipaddress.ip_address",
            "ipaddress.ip_network",
            "bcrypt.hashpw",
            "werkzeug.security.generate_password_hash",
            "generate_password_hash",
            "werkzeug.security.check_password_hash",
            "check_password_hash",
            "psycopg2.sql.Identifier",
            "psycopg2.sql.Literal",
            "psycopg.sql.Identifier",
            "psycopg.sql.Literal",
            "sql.Identifier",
            "sql.Literal",
            "flask.url_for",
            "url_for",
            "django.urls.reverse",
            "reverse",
            "os.path.getsize",
            "os.path.exists",
            "os.path.isfile",
            "os.path.isdir",
            "get_object_or_404",
            "django.shortcuts.get_object_or_404",
            "hmac.compare_digest",
            "secrets.compare_digest",
            "zip_code",
            "datetime.date.fromisoformat",
            "date.fromisoformat",
            "json.dumps_safe",
        ),
        INJECTIONS,
    ),
    **dict.fromkeys(
        (
            "html.escape",
            "cgi.escape",
            "markupsafe.escape",
            "flask.escape",
            "escape",
            "bleach.clean",
            "bleach.linkify",
            "django.utils.html.escape",
            "django.utils.html.conditional_escape",
            "conditional_escape",
            "django.utils.html.format_html",
            "format_html",
            "xml.sax.saxutils.escape",
            "xml.sax.saxutils.quoteattr",
            "saxutils.escape",
            "nh3.clean",
            "jinja2.escape",
            "markupsafe.Markup.escape",
            "Markup.escape",
            "flask.Markup.escape",
            "django.utils.html.strip_tags",
            "strip_tags",
            "flask.render_template",
            "render_template",
            "tornado.escape.xhtml_escape",
            "helpers.utils.escape_for_html",
        ),
        _HTML,
    ),
    **dict.fromkeys(("shlex.quote", "pipes.quote", "shlex.split_safe"), frozenset({"command-injection"})),
    **dict.fromkeys(
        ("werkzeug.utils.secure_filename", "secure_filename"),
        frozenset({"path-traversal", "archive-traversal", "unrestricted-upload-name", "command-injection"}) | _LINE,
    ),
    **dict.fromkeys(
        (
            "os.path.basename",
            "ntpath.basename",
            "posixpath.basename",
            "werkzeug.utils.safe_join",
            "safe_join",
            "flask.safe_join",
            "get_valid_filename",
            "django.utils.text.get_valid_filename",
        ),
        frozenset({"path-traversal", "archive-traversal"}),
    ),
    **dict.fromkeys(
        (
            "urllib.parse.quote",
            "urllib.parse.quote_plus",
            "urllib.parse.urlencode",
            "urllib.quote",
            "quote",
            "quote_plus",
            "urlencode",
        ),
        _URL,
    ),
    **dict.fromkeys(
        (
            "ldap.filter.escape_filter_chars",
            "ldap.dn.escape_dn_chars",
            "escape_filter_chars",
            "escape_dn_chars",
            "ldap3.utils.conv.escape_filter_chars",
            "ldap3.utils.dn.escape_rdn",
            "escape_rdn",
            "ldap.filter.filter_format",
            "filter_format",
        ),
        frozenset({"ldap-injection"}),
    ),
    "re.escape": frozenset({"regex-injection", "nosql-injection"}),
    "json.dumps": _LINE,
    "repr": _LINE,
    "ast.literal_eval": frozenset({"code-injection"}),
    "yaml.safe_load": frozenset({"unsafe-deserialization"}),
}
_METHODS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "hexdigest",
            "digest",
            "isdigit",
            "isalnum",
            "isalpha",
            "startswith",
            "endswith",
            "count",
            "index",
            "find",
            "strftime",
            "isoformat",
            "exists",
            "is_file",
            "is_dir",
            "bit_length",
            "total_seconds",
            "rowcount",
            "validate_password",
            "check_password",
            "timestamp",
        ),
        INJECTIONS,
    ),
    "escape_string": frozenset({"sql-injection"}),
    "literal": frozenset({"sql-injection"}),
    "escape": _HTML | {"sql-injection"},
    "quote_ident": frozenset({"sql-injection"}),
}
_CUSTOM = re.compile(
    r"(?:^|_)(?:sanitiz|sanitis|escape|clean|validate|safe|whitelist|allow|encode_for|purify|strip_tags|normalize_id)",
    re.I,
)
_NOT_CUSTOM = re.compile(r"safe_load|unsafe|mark_safe|cleanup|safe_dump|is_safe", re.I)
_FETCHES = re.compile(
    r"^(?:requests|httpx|urllib3)\..*|(?:^|\.)(?:execute|executemany|fetch\w*|query|filter|filter_by|find|find_one|get_or_404|first|all|one|scalar\w*|objects|search|"
    r"select|insert\w*|update\w*|delete\w*|save|commit|scan|load_user|lookup|authenticate|login\w*|verify\w*|check\w*|is_\w+|has_\w+|"
    r"can_\w+|head|put|write|send\w*|log|info|debug|warning|error|flash|print|connect|bind|run|call|Popen|system|check_output|open|urlopen|read_text|read_bytes|iterdir|glob|listdir|send_file|"
    r"extractall|namelist|getmembers|stat|recv|submit|apply_async|delay)$"
)


@lru_cache(maxsize=4_096)
def cleared(name: str) -> frozenset[str]:
    """Give the families that a call rules out of the data it returns, by the name of what is called."""
    found = _TABLE.get(name)
    if found is None and "." in name:
        found = _METHODS.get(name.rsplit(".", 1)[-1])
    if found is not None:
        return found
    last = name.rsplit(".", 1)[-1]
    if _CUSTOM.search(last) and not _NOT_CUSTOM.search(last):
        return EVERYTHING
    return frozenset()


def known(name: str) -> bool:
    """Tell whether a name is in the tables."""
    return name in _TABLE


@lru_cache(maxsize=4_096)
def fetches(name: str) -> bool:
    """Tell calls whose result is not made of what they are given, such as rows found by a key."""
    return bool(_FETCHES.search(name))


def reads(name: str) -> bool:
    """Tell methods that give what stands in a file or behind an address, not the name that led there."""
    return name.rsplit(".", 1)[-1] in _READS


CLIENTS = ("requests.", "httpx.", "urllib.request.urlopen")
_READS = frozenset(
    {"read_text", "read_bytes", "iterdir", "exists", "is_file", "is_dir", "stat", "is_relative_to", "unlink", "open"}
)


def replaced(arguments: tuple[Value, ...]) -> frozenset[str]:
    """Give the families that `text.replace(old, new)` rules out."""
    old = arguments[0].const if arguments and arguments[0].known else None
    if old in {"\n", "\r", "\r\n"}:
        return _LINE
    if old == "<":
        return _HTML
    if old in {"'", '"'}:
        return frozenset({"xpath-injection"})
    return frozenset()


def substituted(arguments: tuple[Value, ...]) -> frozenset[str]:
    """Give the families that `re.sub(pattern, …)` rules out: all, if only named characters are left."""
    pattern = arguments[0].const if arguments and arguments[0].known else None
    if not isinstance(pattern, str):
        return frozenset()
    if re.match(r"\[\^|\\W", pattern):
        return EVERYTHING if "/" not in pattern else EVERYTHING - {"path-traversal"}
    if "\\n" in pattern or "\n" in pattern or "\\r" in pattern or "\\s" in pattern:
        return _LINE
    return _HTML if "<" in pattern else frozenset()
