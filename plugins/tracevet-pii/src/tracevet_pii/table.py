"""The types of personal data that are looked for."""

from tracevet import Severity
from tracevet_pii.rule import Rule

_RECORD = "Use invented data here, and load real records at run time, from where access to them is controlled."

EMAIL = Rule(
    type="email",
    title="E-mail address",
    severity=Severity.MEDIUM,
    rank=9,
    checks="form, a real top-level domain; no remotes, packages, image names, URL logins or no-reply addresses",
    example="Write to ⟦anna.lindqvist@nordkraft.se⟧.",
    fix="Use an address at example.com.",
)
PHONE = Rule(
    type="phone",
    title="Phone number",
    severity=Severity.MEDIUM,
    rank=2,
    checks="national and international spellings, extensions; numbering plans of `phonenumbers`, or words nearby",
    example="Call me at ⟦(415) 867-2931 ext. 12⟧.",
    fix="Use a number reserved for fiction, such as 202-555-0123.",
)
CARD = Rule(
    type="card",
    title="Payment card number",
    severity=Severity.HIGH,
    rank=7,
    checks="issuer's range and length, Luhn checksum, grouping; words nearby where digits stand ungrouped in code",
    example="Visa ⟦4929 3813 3266 4295⟧, 04/29",
    fix="Use a test number of the payment provider, and never keep card numbers.",
)
SSN = Rule(
    type="ssn",
    title="US social security number",
    severity=Severity.HIGH,
    rank=6,
    checks="the numbers that can be issued; words nearby where it has no dashes",
    example="SSN: ⟦536-90-4399⟧",
    fix=_RECORD,
)
NATIONAL_ID = Rule(
    type="national-id",
    title="National identity or tax number",
    severity=Severity.HIGH,
    rank=5,
    checks="checksum of `python-stdnum`; words nearby where the form alone says little (table below)",
    example="CF: ⟦RSSMRA85T10A562S⟧",
    fix=_RECORD,
)
IBAN = Rule(
    type="iban",
    title="Bank account number (IBAN)",
    severity=Severity.MEDIUM,
    rank=8,
    checks="checksum, the country's length and structure; a wrong checksum only beside the word IBAN",
    example="Pay to ⟦DE75 5121 0800 1245 1261 99⟧.",
    fix=_RECORD,
)
IP = Rule(
    type="ip",
    title="IP address",
    severity=Severity.LOW,
    rank=4,
    checks="public addresses alone; no versions, OIDs, netmasks, networks or well-known resolvers",
    example="Login from ⟦81.2.69.142⟧",
    fix="Use an address from 192.0.2.0/24 or 2001:db8::/32.",
)
MAC = Rule(
    type="mac",
    title="Hardware (MAC) address",
    severity=Severity.LOW,
    rank=3,
    checks="a device's own address: unicast, globally administered, six groups",
    example="ether ⟦3c:22:fb:9a:41:d7⟧",
    fix="Use an address from 00:00:5E:00:53:00 to 00:00:5E:00:53:FF.",
)
HOME_PATH = Rule(
    type="home-path",
    title="User name in the path of a home directory",
    severity=Severity.LOW,
    rank=1,
    checks="`/home`, `/Users` and `C:\\Users`; no names of services, images or placeholders",
    example="open('/Users/⟦mlindqvist⟧/notes.txt')",
    fix="Use a path relative to the project, or `~`.",
)
BIRTH_DATE = Rule(
    type="birth-date",
    title="Date of birth",
    severity=Severity.MEDIUM,
    rank=3,
    checks="a date right after words such as `date of birth`, `DOB`, `geboren`",
    example="DOB: ⟦1987-03-14⟧",
    fix=_RECORD,
)

RULES = (EMAIL, PHONE, CARD, SSN, NATIONAL_ID, IBAN, IP, MAC, HOME_PATH, BIRTH_DATE)

_PRESIDIO = "presidio's own"


def _extra(type_: str, title: str, severity: Severity, example: str) -> Rule:
    return Rule(type=type_, title=title, severity=severity, rank=0, checks=_PRESIDIO, example=example, fix=_RECORD)


# What the engine presidio adds, and what it calls it.
EXTRA_RULES = (
    (_extra("person", "Name of a person", Severity.LOW, "Met ⟦Anna Lindqvist⟧ in the lobby."), ("PERSON",)),
    (_extra("place", "Name of a place", Severity.LOW, "She lives in ⟦Gothenburg⟧."), ("LOCATION",)),
    (_extra("passport", "Passport number", Severity.HIGH, "US passport number ⟦A41283956⟧"), ("US_PASSPORT",)),
    (
        _extra("driver-license", "Driver's license number", Severity.HIGH, "driver license: ⟦H12234567⟧"),
        ("US_DRIVER_LICENSE",),
    ),
    (
        _extra("bank-account", "Bank account number", Severity.MEDIUM, "bank account ⟦945456787654⟧"),
        ("US_BANK_NUMBER",),
    ),
    (
        _extra("medical-license", "Medical license number", Severity.MEDIUM, "medical certificate ⟦BB1388568⟧"),
        ("MEDICAL_LICENSE",),
    ),
)
