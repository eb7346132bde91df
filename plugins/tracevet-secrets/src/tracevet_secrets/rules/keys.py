"""Private keys, signed tokens and password hashes."""

from tracevet import Confidence, Severity
from tracevet_secrets.blocks import locate_private_key
from tracevet_secrets.checks import grade_jwt, grade_private_key
from tracevet_secrets.rule import Rule

END = r"(?:[^\w-]|\z)"

RULES = (
    Rule(
        id="private-key",
        title="Private key",
        source="https://www.rfc-editor.org/rfc/rfc7468, "
        "https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key, "
        "https://www.rfc-editor.org/rfc/rfc9580",
        keywords=("-----BEGIN ",),
        joined=True,
        locate=locate_private_key,
        grade=grade_private_key,
        cwe="CWE-321",
        severity=Severity.CRITICAL,
        rank=4,
        examples=(
            "«pem:RSA PRIVATE KEY»",
            "«pem:OPENSSH PRIVATE KEY»",
            "«pem:ENCRYPTED PRIVATE KEY»",
            "«pem:PGP PRIVATE KEY BLOCK»",
        ),
        counterexamples=(
            "«pem:PUBLIC KEY»",
            "«pem:CERTIFICATE»",
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
            'if "-----BEGIN PRIVATE KEY-----" in text:',
        ),
    ),
    Rule(
        id="google-service-account",
        title="Google service-account key",
        source="https://cloud.google.com/iam/docs/keys-create-delete",
        keywords=('"private_key"', '\\"private_key\\"'),
        joined=True,
        pattern=r"\\?\"private_key\\?\"\s{0,3}:\s{0,3}\\?\""
        r"(-----BEGIN (?:RSA )?PRIVATE KEY-----[^\"]{100,}-----END (?:RSA )?PRIVATE KEY-----(?:\\+n)?)",
        reach=4600,
        grade=grade_private_key,
        cwe="CWE-321",
        severity=Severity.CRITICAL,
        rank=5,
        examples=('{"type": "service_account", "private_key": "⟦«pemline:PRIVATE KEY»⟧"}',),
        counterexamples=('"private_key": "-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----"',),
    ),
    Rule(
        id="putty-private-key",
        title="PuTTY private key",
        source="https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
        keywords=("Private-Lines:",),
        pattern=r"Private-Lines: \d{1,3}\r?\n((?:[A-Za-z0-9+/=]+\r?\n?)+)",
        reach=7000,
        cwe="CWE-321",
        severity=Severity.CRITICAL,
        examples=("Private-Lines: 2\n⟦«base64:64»\n«base64:64»⟧",),
        counterexamples=("Private-Lines: ",),
    ),
    Rule(
        id="jwt",
        title="JSON web token",
        source="https://www.rfc-editor.org/rfc/rfc7519",
        keywords=("eyJ",),
        pattern=r"(eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{16,})(?:[^\w]|\z)",
        reach=9100,
        grade=grade_jwt,
        cwe="CWE-522",
        severity=Severity.MEDIUM,
        rank=1,
        examples=("«jwt»",),
        counterexamples=("eyJ«base62:30».«base62:30».«base62:30»", "eyJhbGciOiJIUzI1NiJ9"),
    ),
    Rule(
        id="password-hash",
        title="Password hash",
        source="https://man7.org/linux/man-pages/man5/crypt.5.html, "
        "https://httpd.apache.org/docs/current/misc/password_encryptions.html",
        keywords=("$2a$", "$2b$", "$2y$", "$6$", "$5$", "$y$", "$apr1$", "$1$", "$argon2", "pbkdf2_sha", "{SSHA}"),
        joined=True,
        pattern=r"(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"
        r"|\$6\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}"
        r"|\$5\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}"
        r"|\$y\$[./A-Za-z0-9]{2,8}\$[./A-Za-z0-9]{10,40}\$[./A-Za-z0-9]{43}"
        r"|\$(?:apr)?1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"
        r"|\$argon2(?:id|i|d)\$v=\d+\$[a-z0-9=,]{5,40}\$[A-Za-z0-9+/]{11,90}\$[A-Za-z0-9+/]{22,90}"
        r"|pbkdf2_sha(?:1|256|512)\$\d+\$[A-Za-z0-9]{6,32}\$[A-Za-z0-9+/=]{28,90}"
        r"|\{SSHA\}[A-Za-z0-9+/]{32,44}={0,2})",
        cwe="CWE-916",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        examples=(
            "admin:⟦$apr1$«base62:8»$«base62:22»⟧",
            "⟦$2b$12$«base62:53»⟧",
            "root:⟦$6$«base62:8»$«base62:86»⟧:19000:0:99999:7:::",
            "{SSHA}«base62:36»",
        ),
        counterexamples=("$1$2$3", "cost = $2"),
    ),
)
