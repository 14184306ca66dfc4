"""The words by which somebody names a peer: `10.0.0.5`, `127.0.0.1:8001`, `[::1]:8001`, `charger.local`, `charger.local:8001`."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from support.peers.protocol import Refusal

MAX_NAME = 253
"""Characters of a domain name without its last dot (RFC 1035, 2.3.4, less what the wire format adds)."""
HIGHEST_PORT = 65_535
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
"""An underscore is no part of a hostname, but of many a device's name."""
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_BRACKETED = re.compile(r"\[(?P<address>[^\[\]]*)\](?::(?P<port>.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[0-9]{1,5}")


class HostError(ValueError):
    """The text names no host; the message is the contract's."""


@dataclass(frozen=True)
class Host:
    """A domain name or an IP address, normalised: what names the same is equal. `port` is None where none was told."""

    name: str
    """In lower case, without a last dot; an IPv6 address in its short form, without brackets."""
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


def parse_host(text: str) -> Host:
    """The host that `text` names; blanks around it do not count.

    HostError: it is empty, or it is neither a domain (at least two labels) nor an IP address, or its port is none of 1 to 65535.
    An address with a zone (`fe80::1%eth0`) is none: it means something on one machine only.
    """
    text = text.strip()
    if not text:
        raise HostError(Refusal.EMPTY_HOST)
    if bracketed := _BRACKETED.fullmatch(text):
        return Host(_ipv6(bracketed["address"]), _port(bracketed["port"]))
    if text.count(":") > 1:
        return Host(_ipv6(text))
    name, colon, port = text.partition(":")
    return Host(_domain_or_ipv4(name), _port(port if colon else None))


def _domain_or_ipv4(text: str) -> str:
    name = text.lower().removesuffix(".")
    # Names of other alphabets go over the wire in another form (RFC 5891), and lower() may turn a sign of theirs into ASCII.
    if len(name) > MAX_NAME or not text.isascii() or not _NAME.fullmatch(name):
        raise HostError(Refusal.BAD_HOST)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # No domain ends in a number; what a resolver would make of 10.5 or 0x7f.1 is not what was meant.
        return _ipv4(name)
    return name


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError as error:
        raise HostError(Refusal.BAD_HOST) from error


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError as error:
        raise HostError(Refusal.BAD_HOST) from error
    if address.scope_id is not None:
        raise HostError(Refusal.BAD_HOST)
    return str(address)


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not _PORT.fullmatch(text) or not 1 <= int(text) <= HIGHEST_PORT:
        raise HostError(Refusal.BAD_HOST)
    return int(text)
