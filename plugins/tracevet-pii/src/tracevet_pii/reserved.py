"""What is nobody's: values reserved for documentation and fiction, and the placeholders that everyone types."""

import re

_DOMAINS = (
    ".example",
    ".test",
    ".invalid",
    ".localhost",
    ".example.com",
    ".example.org",
    ".example.net",
    ".example.edu",
)
_PLACEHOLDER_DOMAIN = re.compile(
    r"(?:your|my|the|some|any)[-_]?(?:\w+[-_]?)?(?:domain|company|org|organi[sz]ation|app|site|host|email)\.\w+"
)
_PLACEHOLDER_MAILBOXES = frozenset(
    {
        "a@b.com",
        "a@a.com",
        "foo@bar.com",
        "foo@foo.com",
        "me@me.com",
        "test@test.com",
        "user@domain.com",
        "user@host.com",
    }
    | {
        "name@domain.com",
        "you@domain.com",
        "username@domain.com",
        "email@domain.com",
        "x@y.com",
        "x@x.com",
        "abc@abc.com",
    }
    | {
        "user@email.com",
        "your@email.com",
        "name@email.com",
        "email@email.com",
        "you@email.com",
        "user@site.com",
        "name@company.com",
        "you@company.com",
        "user@company.com",
        "email@company.com",
        "me@company.com",
    }
)

# Card numbers that payment providers publish for tests.
_TEST_CARDS = """
    4242424242424242 4111111111111111 4012888888881881 4000056655665556 4000000000000002 4000000000009995
    4222222222222 4000000000000077 4000002500003155 4000002760003184 4000000000003220 4000000000000069
    4000000000000127 4917610000000000 5555555555554444 2223003122003222 5200828282828210 5105105105105100
    5454545454545454 5431111111111111 5500000000000004 2222420000001113 2223000048400011 5019717010103742
    5424000000000015 4007000000027 4012000033330026 4005519200000004 378282246310005 371449635398431 378734493671000
    370000000000002 340000000000009 6011111111111117 6011000990139424 6011000000000004 6011981111111113
    3056930009020004 36227206271667 30569309025904 38520000023237 30000000000004 3566002020360505 3530111333300000
    6200000000000005 6205500000000000004 6304000000000000 6759649826438453 4000000000000000 5555555555555557
    4444333322221111 4988438843884305 4009348888881881 4500600000000061
"""
TEST_CARDS = frozenset(_TEST_CARDS.split())
# IBANs that the registry and banks print as examples.
_EXAMPLE_IBANS = """
    GB82WEST12345698765432 GB29NWBK60161331926819 GB33BUKB20201555555555 GB94BARC10201530093459 DE89370400440532013000
    FR1420041010050500013M02606 FR7630006000011234567890189 ES9121000418450200051332 IT60X0542811101000000123456
    NL91ABNA0417164300 BE68539007547034 CH9300762011623852957 AT611904300234573201 PL61109010140000071219812874
    SE4550000000058398257466 DK5000400440116243 NO9386011117947 FI2112345600000785 IE29AIBK93115212345678
    PT50000201231234567890154 LU280019400644750000
"""
EXAMPLE_IBANS = frozenset(_EXAMPLE_IBANS.split())
PLACEHOLDER_SSNS = frozenset(
    {"123456789", "078051120", "219099999", "457555462", "111223333", "123121234", "123456780"}
)

_RUN = "01234567890123456789"


def is_reserved_mailbox(local: str, domain: str) -> bool:
    """Tell whether an address, in lower case, is reserved (RFC 2606, RFC 6761) or a usual placeholder."""
    if ("." + domain).endswith(_DOMAINS) or f"{local}@{domain}" in _PLACEHOLDER_MAILBOXES:
        return True
    return bool(_PLACEHOLDER_DOMAIN.fullmatch(domain)) or local in {
        "your",
        "you",
        "your.name",
        "your-email",
        "your_email",
        "youremail",
    }


def is_dummy(digits: str) -> bool:
    """Tell whether digits are typed without thought: one digit over and over, or counting up or down."""
    return len(set(digits)) == 1 or digits in _RUN or digits[::-1] in _RUN


def is_fictional_phone(digits: str) -> bool:
    """Tell whether digits of the North American plan are kept for fiction (555-0100 to 555-0199) or enquiries."""
    local = digits[-7:] if len(digits) in (7, 10) else ""
    return local.startswith("55501") or local == "5551212"
