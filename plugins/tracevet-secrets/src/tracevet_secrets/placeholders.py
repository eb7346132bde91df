"""Values that stand where a secret would: placeholders, references to one, and the marks of redaction."""

import re

from tracevet_secrets.words import words

_REDACTED = re.compile(
    r"""\[(?:SECRET_DETECTED|(?:REDACTED|MASKED|FILTERED)(?:[:_ -][^\]]{0,60})?)\]   # tracing plugins, log filters
      | <(?:REDACTED|redacted|secret[ _-]hidden)(?:[:_ -][^>]{0,60})?>
      | REDACTED | redacted-by-litellm | \*\*\*                                      # LiteLLM; GitHub Actions""",
    re.VERBOSE,
)

_REFERENCE = re.compile(
    r"""\$\{ | \{\{ | \#\{ | \$\( | <%[=-]? | %\( | \$\[\[ | @\{ | \\\( | \}\}        # interpolation
      | ^\$[A-Za-z_][\w.:\[\]-]*$ | ^%[A-Za-z_]\w*%$ | ^@[A-Za-z_][\w.]*@$ | ^&[A-Z_]+;?$ | ^!\w+
      | %[sdrv@]$ | ^%[sdrvq] | ^\{[\w.:! -]*\}$ | ^:\w+$ | ^\?+$ | \{\w*\} | ^\*\w+$ | ^\[.*\(.*\)\]$
      | ^<[^<>]*>?$ | ^\[[A-Za-z _-]*\]?$ | ^\(.*\)$ | ^__\w+__$ | ^\{.*\}$
      | ^(?:process\.env|os\.environ|env|ENV|self|this|config|settings|secrets|vault|var|local|data|module|args|kwargs
            |options|params|props|request|req|ctx|context|app|system|System|Environment|getenv|import\.meta)[.\[(]
      | ^(?:vault|ssm|secretsmanager|arn|op|keyring|env|file|sops|akv|gsm|ENC|secretref|resolve)[:(\[]""",
    re.VERBOSE,
)

_SPOKEN = re.compile(
    r"""(?:^|[^a-z0-9])(?:your|my|insert|enter|paste|put|fill|replace|todo|fixme|tbd|redacted|masked|hidden)(?![a-z0-9])
      | ^(?:your|insert|enter|replace|change)[_-]?(?!.*\d\d)[a-z]
      | example | placeholder | dummy | changeme | change[-_. ]?(?:it|this|me) | \bfake | ^fake | ^sample | ^mock
      | x{4} | ^x{3,} | \.\.\. | … | \*{4} | •• | [-_]here$ | goes[-_ ]?here
      | ^not[-_ ]?(?:set|used|real|a|needed) | ^some[-_] | ^(?:foo|bar|baz|qux)+[-_]?\d*$ | lorem
      | ^(?:insecure|invalid|wrong|bad|incorrect|missing|expired)[-_ ]?[a-z]*$
      | ^(?:this|that|the)[-_]?(?:is|key|token|password|secret)
      | ^test(?:er|ing|user|pass(?:word)?|pwd|pw)?[-_]?\d{1,4}!?$""",
    re.VERBOSE,
)

# Words that fill the value's place without being one: types, states, schemes, widgets, and the name itself.
_WORDS = words(
    """
    string str text varchar char int integer number bool boolean bytes byte object array list dict map any void
    uuid true false yes no on off none null nil undefined unset unknown empty blank missing absent required
    optional default enabled disabled enable disable valid invalid value values hidden visible show hide open
    closed public private shared internal external global local custom auto automatic manual static dynamic
    inherit never always ask prompt input output field fields label title name username user users login logout
    signin signup email mail account accounts admin_user client server host hostname port url uri path file
    files folder id ids key keys token tokens secret secrets password passwords passwd pwd pass passphrase
    passcode credential credentials auth authorization authentication cookie cookies session header headers body
    query param params basic bearer digest oauth oauth2 oidc saml ldap kerberos ntlm jwt api apikey api_key hmac
    sha1 sha256 sha512 md5 bcrypt scrypt argon2 argon2id aes rsa plain plaintext crypt encrypted encryption hash
    hashed test tests testing tester example sample demo foo bar baz foobared tiger qux spam eggs hello world
    abc abcd xyz xxx todo tbd na n/a stub mock fake dummy placeholder something anything nothing whatever
    redacted masked removed deleted omitted confirm confirmation reset forgot forgotten remember change changed
    update updated new old current next previous submit cancel delete create read write error failed failure
    success warning info debug trace env environ environment config configuration settings vault keyring
    keychain file stdin stdout generated random unused secure insecure strong weak expired revoked authenticate
    authenticated unauthorized forbidden comma colon semicolon identifier keyword literal operator newline eof
    whitespace comment number punctuation variable constant function
    """
)

_FILLER = re.compile(r"[\W_]*|(?:\\x[0-9a-fA-F]{2})+|(.)\1*|[xX*•.?#0_-]+|(?:..)??(..)\2{3,}", re.DOTALL)
_RUNS = ("0123456789", "1234567890", "abcdefgh", "zyxwvu", "9876543210", "deadbeef", "qwertyuiop", "0000000", "aaaaaaa")
_FOR_SHOW = re.compile(r"example|xxxx|placeholder|(?:^|[-_])your(?:[-_]|$)|redacted")
_ORDINAL = re.compile(r"[-_ ]?\d{0,2}$")


def is_redaction(value: str) -> bool:
    """Say whether a whole value is the mark that a redacting tool left in a secret's place."""
    return bool(_REDACTED.fullmatch(value.strip()))


def is_placeholder(value: str) -> bool:
    """Say whether a value is no secret but stands for one: filler, template, reference, type or common word."""
    value = value.strip()
    lower = value.lower()
    return bool(
        _ORDINAL.sub("", lower) in _WORDS
        or _FILLER.fullmatch(value)
        or _REDACTED.search(value)
        or _REFERENCE.search(value)
        or _SPOKEN.search(lower)
    )


def is_filler_token(token: str) -> bool:
    """Say whether a provider's token is one for show, such as a key of nothing but x."""
    lower = token.lower()
    body = lower[-24:]
    return len(set(body)) < min(6, len(body)) or bool(_FOR_SHOW.search(lower))


def has_typed_run(token: str) -> bool:
    """Say whether somebody's fingers ran along the keyboard, as in `1234567890abcdef`."""
    lower = token.lower()
    return any(run in lower for run in _RUNS)
