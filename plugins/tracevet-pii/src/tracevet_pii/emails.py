"""E-mail addresses, told from all else that has an `@`."""

import re
from collections.abc import Iterable, Iterator

from tracevet_pii.reserved import is_reserved_mailbox
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import EMAIL
from tracevet_pii.view import View

_AT = re.compile(r"(?<=[\w+\-'!&*=?^`|~])@(?=\w)")
_LOCAL = re.compile(r"[\w!#$%&'*+\-/=?^`|~.]{1,64}\Z")
_DOMAIN = re.compile(
    r"(?:\w(?:[\w-]{0,61}\w)?\.){1,8}(?:[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?![@A-Za-z0-9_])|"
    r"[^\W\d_a-zA-Z](?:[\w-]{0,61}\w)?(?![@\w]))"
)
_LOGIN = re.compile(r"://[^\s/?#@]{0,120}\Z")  # the user part of a URL
_MESSAGE_ID = re.compile(r"(?:message-id|in-reply-to|references|content-id|cid)\W{0,6}(?:<[^>]*>\s*)*<?\Z")
_REMOTE = re.compile(r":(?!//)(?:[~/]|[\w.-]+(?:/|\.git\b))")  # scp's and git's user@host:path
_ROLE = re.compile(
    r"(?:abuse|accounts?|admin|administrator|billing|bugs?|contact|dev|enquiries|feedback|hello|help|hr|info|it|jobs|"
    r"legal|mail|marketing|news|newsletter|office|ops|orders?|postmaster|press|privacy|root|sales|security|service|"
    r"support|team|webmaster)",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"(?:git|hg|svn|no-?reply|do-?not-?reply|mailer-daemon|notifications?|.*\[bot\])(?:[+-].*)?", re.IGNORECASE
)
_CJK = re.compile(r"[\u3040-\u9fff]")  # written without spaces around an address
_SIGNS = "!#$%&'*+-/=?^`|~."  # legal in a local part, but markup or code where it begins


class Emails:
    """Finds addresses; `allow` holds domains that are the organisation's own, with all below them."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        from publicsuffixlist import PublicSuffixList

        self._suffixes = PublicSuffixList(accept_unknown=False)
        self._allow = tuple("." + domain.lower().lstrip("@.") for domain in allow)

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield the addresses of the text."""
        for at in _AT.finditer(view.text):
            found = self._around(view.text, at.start())
            if found:
                yield from self._judge(view, *found)

    def _around(self, text: str, at: int) -> tuple[int, int] | None:
        """Give the range of the address around an `@`."""
        domain = _DOMAIN.match(text, at + 1)
        if not domain or not self._suffixes.publicsuffix(domain[0].lower().rpartition(".")[2]):
            return None
        local = _local(text, at)
        if not local or _LOGIN.search(text, max(0, at - 190), at) or _REMOTE.match(text, domain.end()):
            return None
        return at - len(local), domain.end()

    def _judge(self, view: View, start: int, end: int) -> Iterator[Hit]:
        local, _, domain = view.text[start:end].lower().rpartition("@")
        if _NO_PERSON.fullmatch(local) or domain.startswith("users.noreply.") or ("." + domain).endswith(self._allow):
            return
        if _MESSAGE_ID.search(view.before(start, 160)):
            return
        reserved = is_reserved_mailbox(local, domain)
        points = 2 - bool(_ROLE.fullmatch(local)) - view.is_sample(start, end) - reserved
        yield Hit(start, end, EMAIL, grade(points), reserved)


def _local(text: str, at: int) -> str:
    """Give the part before an `@` without the marks around it; "" where it is a template's or none."""
    found = _LOCAL.search(text, max(0, at - 64), at)
    token = re.split(r"[/=?|`&]", found[0])[-1] if found else ""  # paths, keys and cells end before the address
    if _CJK.search(token):
        token = re.split(r"[^\x00-\x7f]", token)[-1]
    local = token.lstrip(_SIGNS)
    is_template = token.removesuffix(local).endswith(("$", "%"))
    return "" if is_template or local.endswith(".") or ".." in local else local
