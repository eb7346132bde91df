"""What the assignment model reports: no format of anybody's, only a name and a value."""

from tracevet import Confidence, Severity
from tracevet_secrets.names import Kind
from tracevet_secrets.rule import Rule

_CWE_798 = "https://cwe.mitre.org/data/definitions/798.html"

PASSWORD = Rule(
    id="assigned-password",
    title="Hard-coded password",
    source="https://cwe.mitre.org/data/definitions/259.html",
    cwe="CWE-259",
    rank=0,
    confidence=Confidence.MEDIUM,
    examples=(
        'password = "⟦«password»⟧"',
        "DB_PASS=⟦«password»⟧",
        '{"pwd": "⟦«password»⟧"}',
        'user.setPassword("⟦«password»⟧");',
    ),
    counterexamples=(
        "password = get_password()",
        'password = "${DB_PASSWORD}"',
        "password: required",
        'password_field = "pw-1"',
    ),
)
SECRET = Rule(
    id="assigned-secret",
    title="Hard-coded secret, token or key",
    source=_CWE_798,
    rank=0,
    confidence=Confidence.MEDIUM,
    examples=('client_secret: "⟦«base62:32»⟧"', 'apiKey = "⟦«hex:32»⟧"', 'const authToken = "⟦«base64url:40»⟧"'),
    counterexamples=(
        'token_type = "Bearer"',
        'public_key = "«base64:40»"',
        'csrf_token = "csrfmiddlewaretoken"',
        'key = "name"',
    ),
)
VAGUE = Rule(
    id="assigned-key",
    title="Random value under the name of a key or credential",
    source=_CWE_798,
    rank=0,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    examples=('auth = "⟦«base62:40»⟧"', '"key": "⟦«base62:40»⟧"'),
    counterexamples=('key = "user.profile.title"', '"key": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"'),
)
SALT = Rule(
    id="assigned-salt",
    title="Hard-coded salt, nonce or seed",
    source="https://cwe.mitre.org/data/definitions/760.html",
    cwe="CWE-760",
    rank=0,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    examples=('salt = "⟦«base62:24»⟧"',),
    counterexamples=("seed = 42", 'salt = "pepper"'),
)
REDACTED = Rule(
    id="redacted-secret",
    title="Redacted secret: a secret was typed here; rotate it",
    source="https://docs.langchain.com/langsmith/mask-inputs-outputs",
    rank=0,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    examples=('password = "⟦[SECRET_DETECTED]⟧"', 'api_key: "⟦[REDACTED:credential]⟧"', 'TOKEN="⟦<REDACTED>⟧"'),
    counterexamples=("api_key = [SECRET_DETECTED]", 'color = "[REDACTED]"'),
)

BY_KIND = {
    Kind.PASSWORD: PASSWORD,
    Kind.SECRET: SECRET,
    Kind.TOKEN: SECRET,
    Kind.KEY: SECRET,
    Kind.VAGUE: VAGUE,
    Kind.SALT: SALT,
}
RULES = (PASSWORD, SECRET, VAGUE, SALT, REDACTED)
