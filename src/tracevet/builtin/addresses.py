"""Connections that reach only where they may: the address that is checked is the one that is connected to."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable

import httpcore

OPTIONS = Iterable[httpcore.SOCKET_OPTION] | None


class PrivateAddressError(Exception):
    """The name leads to an address inside a private network, or to this machine."""


class Deadline:
    """A moment at which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._end = time.monotonic() + seconds

    def left(self, wanted: float | None = None) -> float:
        """Give the seconds that may still be waited, at most `wanted`.

        Raises:
            ReadTimeout: none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("it takes too long")
        return left if wanted is None else min(left, wanted)


class Guarded(httpcore.NetworkBackend):
    """Resolves a name once, refuses it if it leads to a private address, and connects to what was checked."""

    def __init__(self, deadline: Deadline, *, allow_private: bool) -> None:
        """Say until when, and whether private addresses are allowed."""
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._allow = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: OPTIONS = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the name's addresses that answers.

        Raises:
            PrivateAddressError: one of them is private, and that is not allowed.
            ConnectError: there is no such name, or nobody answers.
        """
        failure: Exception = httpcore.ConnectError("there is no such host")
        for address in self._addresses(host, port):
            try:
                left = self._deadline.left(timeout)
                inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(inner, self._deadline)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("there is no such host") from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not self._allow and any(is_private(address) for address in addresses):
            raise PrivateAddressError
        return addresses


class _Timed(httpcore.NetworkStream):
    """A connection of which nothing waits beyond the deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Timed(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def is_private(address: str) -> bool:
    """Tell whether an address is anything but one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1] or _nat64(ip)
        if inner is not None:
            return is_private(str(inner))
    return not ip.is_global or ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    inside = ip in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None
