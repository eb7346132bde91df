"""Secrets that span lines: private keys, and the data of a Kubernetes secret."""

import re

_LONGEST_KEY = 20_000  # bytes; RSA of 16 384 bits takes 12 500
_BEGIN = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}-----")
_CUT_OFF = re.compile(rb"(?:[A-Za-z0-9+/=\s\"'+,;|>#*]|\\[nr]|(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]{0,80})*")


def locate_private_key(data: bytes, pos: int) -> tuple[int, int] | None:
    """Find the private key that begins at `pos`: to its end mark, or as far as its body goes where that was cut off."""
    begin = _BEGIN.match(data, pos)
    if begin is None:
        return None
    stop = min(len(data), pos + _LONGEST_KEY)
    mark = data.find(b"-----", begin.end(), stop)
    if mark >= 0 and (end := _END.match(data, mark)):
        return pos, end.end()
    cut = _CUT_OFF.match(data, begin.end(), mark if mark >= 0 else stop)
    last = cut.end() if cut else begin.end()
    return pos, begin.end() + len(data[begin.end() : last].rstrip(b" \t\r\n\"'+,;|>#*"))
