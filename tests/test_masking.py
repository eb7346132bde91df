"""Masking: what never leaves, what stays readable, and that hostile text costs no more than its length."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracevet import Region
from tracevet.policy import mask, scrub, visible

KEY = b"k" * 32
MASK = r"\[masked: {} chars, hmac [0-9a-f]{{8}}\]"

SECRETS = {  # text: what must not be left of it
    'aws = "AKIA' + 'ABCDEFGHIJKLMNOP"': "BCDEFGHIJKLMN",
    "ASIA" + "ABCDEFGHIJKLMNOP in prose": "BCDEFGHIJKLMN",
    "ghp_" + "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8": "a1b2c3d4e5",
    "github_pat_" + "11ABCDEFG0abcdefghijklm_nopqrstuvwxyz": "ABCDEFG0abc",
    "xoxb-" + "123456789012-abcdefghijkl": "123456789012",
    "xoxp-" + "123456789012-abcdefghijkl": "123456789012",
    "sk-" + "proj-abcdefghijklmnopqrstuvwx": "abcdefghijklm",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv": "1234567890",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl": "zdWIiOiIx",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----": "MIIEvQ",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN\ncut off": "MIIEvQ",
    "postgresql://bob:hunter2@db.example.com/x": "hunter2",
    "https://bob:p@ss!w0rd@example.com": "ss!w0rd",
    "https://0123456789abcdef0123@example.com/x.git": "456789abcdef",
    'password = "hunter2"': "hunter2",
    "PASSWORD: str = 'hunter2'": "hunter2",
    'db_password="hunter2", user="x"': "hunter2",
    '{"api_key": "hunter2"}': "hunter2",
    '"{\\"token\\": \\"hunter2\\"}"': "hunter2",
    "apiKey: `hunter2`": "hunter2",
    'secret := "hunter2"': "hunter2",
    "'password' => 'hunter2'": "hunter2",
    'os.environ["API_TOKEN"] = "hunter2"': "hunter2",
    'os.getenv("API_TOKEN", "hunter2")': "hunter2",
    'client.setPassword("hunter2")': "hunter2",
    'password = """hunt\ner2"""': "er2",
    'password = ("hunt"\n    "er2")': "er2",
    'password = "hunt" + "er2"': "er2",
    r'password = "hunt\"er2"': "er2",
    'password = "hunter2': "hunter2",
    'if password == "hunter2":': "hunter2",
    "DB_PASSWORD=hunter2 ./run": "hunter2",
    "mysql --password=hunter2 -u x": "hunter2",
    "password: hunter2  ": "hunter2",
    "curl -H 'Authorization: Bearer abcdefgh12345678'": "abcdefgh",
    "write to alice.smith+x@corp.example.com": "alice",
    "?user=alice%40corp.example.com": "alice",
    "open('/home/alice/app.py')": "alice",
    "cd /Users/alice": "alice",
    r"C:\Users\alice\app": "alice",
    r"C:\Users\Alice Smith\app": "Smith",
    '"C:\\\\Users\\\\alice\\\\app"': "alice",
    'password = "[masked: 1 chars, hmac 00000000]hunter2"': "hunter2",
}

HARMLESS = [
    "cursor.execute(f\"SELECT * FROM users WHERE password = '{password}'\")",
    'cursor.execute("SELECT * FROM users WHERE password=\'" + password + "\'")',
    "cursor.execute('SELECT * FROM users WHERE token = %s', (token,))",
    'url = f"postgresql://{user}:{password}@{host}/db"',
    'headers = {"Authorization": f"Bearer {token}"}',
    'password = getpass("Password: ")',
    'password = os.environ["DB_PASSWORD"]',
    "token = get_token()",
    'password = ""',
    "tokenizer = 'bert'",
    "git clone git@github.com:acme/app.git",
    "@app.route('/users/<int:id>')",
    "x = a @ b.T",
    'query = f"SELECT * FROM users WHERE id = {user_id}"',
    "/home/{user}/app",
]

MARKS = [
    "=",
    ":",
    "'",
    '"',
    '"""',
    "`",
    "\\",
    "\n",
    " ",
    "(",
    ")",
    ",",
    "@",
    "://",
    "…",
    "{",
    "}",
    "+",
    "\ud800",
    "\x00",
    "é",
]
WORDS = [
    "password",
    "token",
    "/home/",
    "[masked: ",
    "[masked: 7 chars, hmac 0123abcd]",
    "abcd…ef [masked: 20 chars, hmac 0123abcd]",
]
PIECES = [*SECRETS, *HARMLESS, *MARKS, *WORDS]


def test_a_short_secret_gives_its_length_and_an_hmac() -> None:
    text = 'x = "hunter2"'
    assert re.fullmatch(rf'x = "{MASK.format(7)}"', mask(text, [Region.of(text, 5, 12)], KEY))


def test_a_long_secret_shows_its_ends() -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNO7"
    assert re.fullmatch(rf"AKIA…O7 {MASK.format(20)}", mask(secret, [Region.whole(secret)], KEY))


def test_equal_secrets_have_equal_masks_under_one_key_only() -> None:
    def masked(secret: str, key: bytes) -> str:
        return mask(secret, [Region.whole(secret)], key)

    assert masked("hunter2", KEY) == masked("hunter2", KEY)
    assert masked("hunter2", KEY) != masked("hunter3", KEY)
    assert masked("hunter2", KEY) != masked("hunter2", b"another")


def test_overlapping_regions_are_one_mask_and_regions_beyond_the_text_are_cut() -> None:
    text = "0123456789"
    regions = [Region(start=a, end=b, start_line=1, end_line=1) for a, b in ((2, 5), (4, 8), (9, 99), (50, 60), (3, 3))]
    assert re.fullmatch(rf"01{MASK.format(6)}8{MASK.format(1)}", mask(text, regions, KEY))


def test_a_mask_is_not_masked_again() -> None:
    text = 'password = "hunter2"'
    masked = mask(text, [Region.of(text, 12, 19)], KEY)
    assert (
        mask(masked, [Region.whole(masked[12:-1]).model_copy(update={"start": 12, "end": len(masked) - 1})], KEY)
        == masked
    )
    assert scrub(masked, KEY) == masked


@pytest.mark.parametrize("text", SECRETS)
def test_the_floor_masks(text: str) -> None:
    assert SECRETS[text] in text
    assert SECRETS[text] not in scrub(text, KEY)


@pytest.mark.parametrize("text", HARMLESS)
def test_code_without_a_secret_stays_as_it_is(text: str) -> None:
    assert scrub(text, KEY) == text


def test_what_stands_around_a_secret_stays_readable() -> None:
    assert re.fullmatch(
        rf'connect\(host="db", password="{MASK.format(7)}", port=1\)',
        scrub('connect(host="db", password="hunter2", port=1)', KEY),
    )
    assert re.fullmatch(rf"open\('/home/{MASK.format(5)}/app\.py'\)", scrub("open('/home/alice/app.py')", KEY))


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
@example('password="-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----rest"')
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = scrub(text, KEY)
    assert scrub(once, KEY) == once


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.data())
def test_no_character_of_a_region_is_left(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    secret = "\u2603" * data.draw(st.integers(1, 30))
    masked = mask(text[:start] + secret + text[start:], [Region.of(text + secret, start, start + len(secret))], KEY)
    assert "\u2603" not in masked


@pytest.mark.parametrize(
    "unit", [*PIECES, "password ", "://a:", "a.a@", "eyJaaaaaaaa.", 'password="\\', "A_", "a.b.", "-", "a"]
)
def test_a_long_run_of_hostile_text_ends(unit: str) -> None:
    assert scrub(unit * (100_000 // len(unit)), KEY)


def test_what_a_terminal_would_obey_or_hide_is_spelled_out() -> None:
    assert visible("a\x1b[2J\u202eb\x00\ud800\r\n\tc\r") == "a\\x1b[2J\\u202eb\\x00\\ud800\n\tc\\r"
    assert visible("naïve — ☃ 日本 👩") == "naïve — ☃ 日本 👩"
