"""The built-in policies: what they are, and what each of bandit's checks breaches."""

import warnings
from collections import Counter

import pytest

from tracevet import Confidence, Finding, Policy, Region, Severity
from tracevet.policy import breaches, builtin_packs, join_packs

POLICIES = join_packs(builtin_packs())

# Every check of bandit: the CWE that bandit gives it, and the policy that it breaches here.
BANDIT: dict[str, tuple[int, str | None]] = {
    "B101": (703, None),  # assert
    "B102": (78, "code-injection"),  # exec
    "B103": (732, "file-permissions"),
    "B104": (605, "insecure-config"),
    "B105": (259, "hardcoded-secrets"),
    "B106": (259, "hardcoded-secrets"),
    "B107": (259, "hardcoded-secrets"),
    "B108": (377, "insecure-temp-file"),
    "B110": (703, None),  # try, except, pass
    "B112": (703, None),  # try, except, continue
    "B113": (400, None),  # a request without timeout
    "B201": (94, "insecure-config"),  # Flask's debugger
    "B202": (22, "path-traversal"),
    "B301": (502, "insecure-deserialization"),
    "B302": (502, "insecure-deserialization"),
    "B303": (327, "weak-crypto"),
    "B304": (327, "weak-crypto"),
    "B305": (327, "weak-crypto"),
    "B306": (377, "insecure-temp-file"),
    "B307": (78, "code-injection"),  # eval
    "B308": (79, "xss"),
    "B310": (22, "unchecked-url"),
    "B311": (330, "weak-randomness"),
    "B312": (319, "cleartext-protocol"),
    "B313": (20, "xxe"),
    "B314": (20, "xxe"),
    "B315": (20, "xxe"),
    "B316": (20, "xxe"),
    "B317": (20, "xxe"),
    "B318": (20, "xxe"),
    "B319": (20, "xxe"),
    "B321": (319, "cleartext-protocol"),
    "B323": (295, "tls-verification"),
    "B324": (327, "weak-crypto"),
    "B401": (319, None),  # B4xx: an import is no weakness yet; its uses have checks of their own
    "B402": (319, None),
    "B403": (502, None),
    "B404": (78, None),
    "B405": (20, None),
    "B406": (20, None),
    "B407": (20, None),
    "B408": (20, None),
    "B409": (20, None),
    "B411": (20, None),
    "B412": (284, None),
    "B413": (327, None),
    "B415": (319, None),
    "B501": (295, "tls-verification"),
    "B502": (327, "tls-verification"),
    "B503": (327, "tls-verification"),
    "B504": (327, "tls-verification"),
    "B505": (326, "weak-crypto"),
    "B506": (20, "insecure-deserialization"),  # yaml.load
    "B507": (295, "tls-verification"),
    "B508": (319, "cleartext-protocol"),
    "B509": (319, "cleartext-protocol"),
    "B601": (78, "command-injection"),
    "B602": (78, "command-injection"),
    "B603": (78, None),  # subprocess without a shell
    "B604": (78, "command-injection"),
    "B605": (78, "command-injection"),
    "B606": (78, None),  # os.execl and friends, without a shell
    "B607": (78, None),  # a program found by PATH
    "B608": (89, "sql-injection"),
    "B609": (155, "command-injection"),
    "B610": (89, "sql-injection"),
    "B611": (89, "sql-injection"),
    "B612": (94, "code-injection"),
    "B613": (838, "hidden-text"),
    "B614": (502, "insecure-deserialization"),
    "B615": (494, "supply-chain"),
    "B701": (94, "xss"),  # jinja2 without autoescape
    "B702": (80, "xss"),
    "B703": (80, "xss"),
    "B704": (79, "xss"),
}

# What detectors of other kinds report: one CWE of each family, and its policy.
FAMILIES = {
    "sql-injection": (89, 564, 943),
    "command-injection": (77, 78, 88),
    "code-injection": (94, 95, 1336),
    "ldap-injection": (90,),
    "xpath-injection": (643,),
    "hardcoded-secrets": (259, 321, 798),
    "weak-crypto": (326, 327, 328, 916),
    "weak-randomness": (330, 338),
    "insecure-deserialization": (502,),
    "path-traversal": (22, 23, 36, 73),
    "xss": (79, 80, 116),
    "ssrf": (918,),
    "xxe": (611, 776, 827),
    "tls-verification": (295, 297),
    "cleartext-protocol": (319,),
    "open-redirect": (601,),
    "trust-boundary": (501,),
    "personal-data": (359,),
}


@pytest.fixture(scope="module")
def bandit_rules() -> dict[str, int | None]:
    """Give bandit's checks by id, with the CWE where bandit says it as data."""
    before = warnings.formatwarning  # importing bandit replaces it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # stevedore, of how bandit calls it
        from bandit.core.extension_loader import MANAGER  # type: ignore[import-untyped]  # bandit has no types
    warnings.formatwarning = before
    return dict.fromkeys(MANAGER.plugins_by_id) | {name: row["cwe"] for name, row in MANAGER.blacklist_by_id.items()}


def breached(detector: str, rule: str, cwe: int, confidence: Confidence = Confidence.LOW) -> list[str]:
    finding = Finding(
        snippet="",
        detector=detector,
        rule=rule,
        message="-",
        cwe=(f"CWE-{cwe}",),
        severity=Severity.LOW,
        confidence=confidence,
        region=Region.whole(""),
    )
    return [policy.id for policy in POLICIES if breaches(policy, finding, "python")]


def test_the_table_decides_every_check_of_bandit(bandit_rules: dict[str, int | None]) -> None:
    assert set(BANDIT) == set(bandit_rules)
    assert {name: cwe for name, (cwe, _) in BANDIT.items() if bandit_rules[name]} == {
        name: cwe for name, cwe in bandit_rules.items() if cwe
    }


@pytest.mark.parametrize("rule", BANDIT)
def test_each_check_of_bandit_breaches_the_policy_of_the_table_and_no_other(rule: str) -> None:
    cwe, policy = BANDIT[rule]
    assert breached("bandit", rule, cwe) == ([policy] if policy else [])


@pytest.mark.parametrize("policy", FAMILIES)
def test_any_detectors_finding_of_a_family_breaches_its_policy(policy: str) -> None:
    for cwe in FAMILIES[policy]:
        assert breached("other", "rule", cwe, Confidence.MEDIUM) == [policy]


def test_no_cwe_belongs_to_two_policies() -> None:
    assert [cwe for cwe, count in Counter(cwe for p in POLICIES for cwe in p.cwe).items() if count > 1] == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_each_policy_says_what_to_write_instead_and_where_to_read_on(policy: Policy) -> None:
    assert policy.recommendation.endswith(".")
    assert len(policy.recommendation) > 60
    assert policy.references[0].startswith("https://cwe.mitre.org/data/definitions/")
    if policy.cwe:  # some conduct has no weakness of its own
        assert policy.references[0].rpartition("/")[2] in {f"{cwe[4:]}.html" for cwe in policy.cwe}
    assert all(link.startswith("https://") for link in policy.references)


def test_the_policies_everyone_asks_for_are_there() -> None:
    known = {policy.id: policy for policy in POLICIES}
    assert (known["sql-injection"].title, known["sql-injection"].severity) == ("SQL Injection Prevention", "high")
    assert "parameterized queries" in known["sql-injection"].recommendation
    assert known.keys() >= set(FAMILIES) | {"insecure-config", "insecure-temp-file", "file-permissions", "supply-chain"}
