"""The parts of the assignment model, one by one."""

import pytest

from tracevet import Confidence
from tracevet_secrets.checks import crc_base62, decode_base64, grade_aws_id, grade_crc
from tracevet_secrets.expressions import is_expression
from tracevet_secrets.letters import is_wordlike
from tracevet_secrets.literals import bare_at, literal_at, nth_literal_at
from tracevet_secrets.names import Kind, kind_of
from tracevet_secrets.placeholders import is_placeholder, is_redaction
from tracevet_secrets.values import judge

NAMES = {
    Kind.PASSWORD: """
        password DB_PASSWORD dbPassword db-password spring.datasource.password passwd PGPASSWORD userPwd
        mysqlpwd rootpw passphrase pass smtp_pass password1 passwordOld PASSWORD_MYSQL pass_word
        ansible_become_pass senha
    """,
    Kind.SECRET: """
        secret clientSecret APP_SECRET consumersecret
    """,
    Kind.TOKEN: """
        token authToken ACCESS_TOKEN x-auth-token refreshtoken jwt
    """,
    Kind.KEY: """
        api_key apiKey X-Api-Key apikey SECRET_KEY secretAccessKey encryption_key privateKey secret_key_base
    """,
    Kind.SALT: """
        salt password_salt nonce
    """,
    Kind.VAGUE: """
        key auth credentials signature wifiKey TOKEN_SLACK
    """,
    None: """
        token_type passwordField password_hash public_key primary_key cacheKey csrf_token tokenizer compass
        bypass author max_tokens_count secret_name key_id passwordValidator TOKEN_URL monkey hotkey
        password.min.length password__startswith keyboard
    """,
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_a_name_promises(kind: Kind | None, name: str) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    "value",
    [
        "",
        "changeme",
        "your-password",
        "<password>",
        "${PW}",
        "{{ pw }}",
        "%s",
        "%(pw)s",
        "xxxxxxxx",
        "********",
        "$PW",
        "None",
        "True",
        "string",
        "test",
        "foo",
        "example123",
        "os.environ['X']",
        "process.env.X",
        "vault:secret/x",
        "#{pw}",
        "@pw@",
        "<%= pw %>",
        "not-set",
        "replace_me",
        "[REDACTED]",
        "...",
        "$(cat pw)",
    ],
)
def test_a_placeholder_is_seen(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value", ["hunter22", "q7!Tvolcano2", "my5qlR00t", "p@$$w0rd!", "trombone77", "a%sdf9Kx", "Xk29fz", "x7kjz3eg18my"]
)
def test_a_password_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


def test_only_whole_marks_are_redactions() -> None:
    assert is_redaction("[REDACTED:pem]")
    assert not is_redaction("[REDACTED] and more")
    assert not is_redaction("****")


@pytest.mark.parametrize(
    "value",
    [
        "/etc/ssl/private/key1",
        "~/.ssh/id_rsa2",
        "C:\\keys\\a1",
        "https://a.b/c1",
        "key1.pem",
        "a.b@corp.io",
        "1.2.3",
        "2024-01-01",
        "get_pw(1)",
        "cfg.db.pw1",
        "DB_PASSWORD_2",
        "#password1",
        "^[a-z]{8,}$",
        "application/json",
        "required|min:8",
        "ssh-rsa AAAAB3",
        "items[0]",
    ],
)
def test_an_expression_is_no_secret(value: str) -> None:
    assert judge(value, Kind.PASSWORD, strict=False) is None
    assert is_expression(value) or " " in value


JUDGED = [
    ("q7!Tvolcano2", Kind.PASSWORD, False, Confidence.HIGH),
    ("hunter2", Kind.PASSWORD, False, Confidence.MEDIUM),
    ("sunflower", Kind.PASSWORD, False, Confidence.LOW),
    ("sunflower", Kind.PASSWORD, True, None),
    ("123456", Kind.PASSWORD, False, Confidence.LOW),
    ("8080", Kind.PASSWORD, False, None),
    ("Kennwort", Kind.PASSWORD, False, None),
    ("Passwort vergessen", Kind.PASSWORD, False, None),
    ("user_password", Kind.PASSWORD, False, None),
    ("kq3vx81mzd02pl7w", Kind.TOKEN, False, Confidence.HIGH),
    ("access_token", Kind.TOKEN, False, None),
    ("my-app-token-v2", Kind.TOKEN, False, None),
    ("user.profile.title", Kind.VAGUE, False, None),
    ("short1", Kind.VAGUE, False, None),
]


@pytest.mark.parametrize(("value", "kind", "strict", "confidence"), JUDGED)
def test_a_value_is_judged(value: str, kind: Kind, strict: bool, confidence: Confidence | None) -> None:
    assert judge(value, kind, strict=strict) is confidence


def test_words_read_like_words_and_noise_does_not() -> None:
    assert all(map(is_wordlike, ["password", "configuration", "Elephant", "server", "monkey"]))
    assert not any(map(is_wordlike, ["xqzvbk", "jhgfdk", "bvcxzq", "wqkrtz"]))


LITERALS = {
    b'"abc"': b"abc",
    b"'a\\'b' + x": b"a\\'b",
    b'b"abc"': b"abc",
    b'\\"abc\\"}': b"abc",
    b'"""a\nb"""': b"a\nb",
    b'"cut off': b"cut off",
    b'"line\nnext"': b"line",
    b'SecretStr("abc")': b"abc",
    b'new String("abc")': b"abc",
    b'@"abc"': b"abc",
    b'f"a{b}"': None,
    b"abc": None,
    b"get('abc')": None,
}


@pytest.mark.parametrize(("text", "value"), LITERALS.items())
def test_a_literal_is_read_through_prefixes_and_wrappers(text: bytes, value: bytes | None) -> None:
    literal = literal_at(text, 0)
    assert (text[literal.start : literal.end] if literal else None) == value


def test_the_literal_of_the_second_name_is_the_second() -> None:
    text = b"'a', 'b'"
    literal = nth_literal_at(text, 0, 1)
    assert literal is not None
    assert text[literal.start : literal.end] == b"b"
    assert nth_literal_at(text, 0, 2) is None


BARE = {
    (b"password: abc # note", "yaml"): b"abc",
    (b"login(password = f(x))", ""): None,
    (b"password = abc", "python"): None,
    (b'x = "host=h password=abc user=u"', "python"): b"abc",
    (b"# password = abc", "python"): b"abc",
    (b"u?password=abc&x=1", ""): b"abc",
    (b"login(password=None))", ""): b"None",
}


@pytest.mark.parametrize(("case", "value"), BARE.items())
def test_a_bare_value_is_read_where_the_language_allows_one(case: tuple[bytes, str], value: bytes | None) -> None:
    text, language = case
    name = text.index(b"password")
    pos = name + len(b"password")
    while text[pos : pos + 1] in b" :=":
        pos += 1
    literal = bare_at(text, name, pos, language)
    assert (text[literal.start : literal.end] if literal else None) == value


def test_a_checksum_that_fits_is_trusted_more() -> None:
    body = "a1" * 15
    assert grade_crc(f"ghp_{body}{crc_base62(body)}") is Confidence.HIGH
    assert grade_crc(f"ghp_{body}000000") is Confidence.MEDIUM


def test_an_account_id_of_more_than_twelve_digits_is_trusted_less() -> None:
    assert grade_aws_id("AKIA" + "Q" * 16) is Confidence.HIGH
    assert grade_aws_id("AKIA" + "7" * 16) is Confidence.MEDIUM
    assert grade_aws_id("AKIA" + "8" * 16) is Confidence.LOW


def test_base64_is_decoded_whatever_its_alphabet_and_padding() -> None:
    assert decode_base64("YT8_Yg") == decode_base64("YT8/Yg==") == "a??b"
    assert decode_base64("gICA") is None
