"""Public IP addresses, told from versions, object identifiers and networks."""

import ipaddress
import re
from collections.abc import Iterator
from typing import TypeAlias

from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import IP
from tracevet_pii.view import View

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"(?<![\w.\-+])(?:(?<![/~^])|(?<=//)|(?<=\d/))(?:{_OCTET}\.){{3}}{_OCTET}(?![\w])(?!\.[\w])(?!-\w)")
_V6 = re.compile(
    r"(?<![\w:.%/-])(?=[0-9A-Fa-f]{1,4}:)(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|:)?(?![\w:.])(?!\(|<)"
)
_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_VERSION = re.compile(
    r"(?:(?<![a-z])(?:v|ver|versions?|release|build|firmware|driver|assembly\w*|oid|section|chapter|clause|§|sdk|revision|python|chrome|chromium|firefox|safari|edge|opera|webkit|windows|android|ios|macos|upgrade[ds]?|"
    r"downgrade[ds]?|changelog|bump(?:ed)?|"
    r"nuget|since|fileversion|productversion|minversion|maxversion)(?![a-z])[^0-9\n]{0,14}|"
    r"\w*version\w*[^0-9\n]{0,6}|[=~<>!]=[ ]?|[~^<>][ ]?)\Z"
)
_WORD = re.compile(
    r"(?<![a-z])(?:ips?|ipv[46]|ip_?addr(?:ess)?|addr(?:ess(?:es)?)?|client|remote|host|server|peer|from|src|dst|source|dest\w*|ping|ssh|connect(?:ed|ion)?|login|"
    r"logged|visit\w*|request(?:ed|s)?|x-forwarded-for|forwarded|bann?(?:ed)?|block(?:ed)?|user|adresse|dirección|whois|traceroute|listen\w*|gateway|dns|nameserver|inet)(?![a-z])"
    r"|remote_?addr|clientip|ipaddress|ip_address|_ip\b"
)
_NETMASK = re.compile(r"/\d{1,3}(?!\d)")
_PORT = re.compile(r":\d{2,5}(?!\d)")
_BROADCAST = 255
_SMALL = 32  # four numbers below it are rather a version or a section
# Resolvers that everyone writes down: Google, Cloudflare, Quad9, OpenDNS, and the cloud's metadata service.
_RESOLVERS = frozenset(
    {
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
        "149.112.112.112",
        "208.67.222.222",
        "208.67.220.220",
        "4.2.2.2",
        "1.2.3.4",
    }
    | {
        "2001:4860:4860::8888",
        "2001:4860:4860::8844",
        "2606:4700:4700::1111",
        "2606:4700:4700::1001",
        "2620:fe::fe",
        "5.6.7.8",
    }
)
_LEAST = 7  # characters of an IPv6 address worth reporting


def find_ips(view: View) -> Iterator[Hit]:
    """Yield the addresses of the text; private, documentation and other special ones as reserved."""
    for found in view.at_numbers(_V4):
        yield from _v4(view, *found.span())
    if _COLONS.search(view.text):
        for found in _V6.finditer(view.text):
            yield from _v6(view, *found.span())


def _v4(view: View, start: int, end: int) -> Iterator[Hit]:
    value = view.text[start:end]
    address = ipaddress.IPv4Address(value)
    before = view.before(start, 40)
    labelled = bool(_WORD.search(before)) or bool(_PORT.match(view.text, end)) or before.endswith("://")
    if _is_nobody(address) or _VERSION.search(before) or _is_network(view.text, end, int(address) & 0xFF == 0):
        return
    if not labelled and (address.packed[3] == _BROADCAST or all(part < _SMALL for part in address.packed)):
        return
    yield from _hit(view, start, end, address, labelled)


def _v6(view: View, start: int, end: int) -> Iterator[Hit]:
    try:
        address = ipaddress.IPv6Address(view.text[start:end])
    except ValueError:
        return
    if end - start < _LEAST or not re.search(r"[0-9]", view.text[start:end]):
        return
    if not _is_nobody(address) and not _is_network(view.text, end, int(address) & 0xFFFF == 0):
        yield from _hit(view, start, end, address, bool(_WORD.search(view.before(start, 40))))


def _hit(view: View, start: int, end: int, address: Address, labelled: bool) -> Iterator[Hit]:
    reserved = not address.is_global or str(address) in _RESOLVERS
    points = 1 + labelled - view.is_code - view.is_sample(start, end) - 2 * reserved
    yield Hit(start, end, IP, grade(points), reserved)


def _is_nobody(address: Address) -> bool:
    """Tell whether an address can't be anyone's, even in a private network."""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return True
    if address.version == 4:  # noqa: PLR2004
        return address.packed[0] in (0, 255) or address.packed[2:] == bytes(2)
    return address.is_global and address.packed[0] & 0xE0 != 0x20  # noqa: PLR2004  only 2000::/3 is given out


def _is_network(text: str, end: int, has_no_host: bool) -> bool:
    return has_no_host and bool(_NETMASK.match(text, end))
