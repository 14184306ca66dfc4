"""The addresses that the node listens on and advertises."""

import ipaddress
from dataclasses import dataclass

WILDCARD = "0.0.0.0"
LOOPBACK = "127.0.0.1"


class InterfaceError(OSError):
    """There is no such interface."""


@dataclass(frozen=True)
class Interface:
    """`listen`: where HTTP is answered. `addresses`: the IPv4 addresses by which others reach the node; mDNS runs there."""

    listen: str
    addresses: tuple[str, ...]

    @property
    def main(self) -> str:
        """The address that others are told."""
        return self.addresses[0]

    def reaches(self, ip: str) -> bool:
        """Whether this address is one of the node's own."""
        return ip in self.addresses or (self.listen == WILDCARD and ip.startswith("127."))


def find_interface(wish: str) -> Interface:
    """From an address, a name as `eth0`, or 0.0.0.0 for all. InterfaceError."""
    try:
        ipaddress.IPv4Address(wish)
    except ValueError:
        found = _addresses(wish)
        if not found:
            raise InterfaceError(f"{wish} is no IPv4 address, nor an interface that has one") from None
        return Interface(found[0], found)
    if wish != WILDCARD:
        return Interface(wish, (wish,))
    return Interface(WILDCARD, tuple(one for one in _addresses(None) if not one.startswith("127.")) or (LOOPBACK,))


def _addresses(name: str | None) -> tuple[str, ...]:
    """IPv4 addresses of the interface of this name, or of all."""
    import ifaddr

    return tuple(
        ip.ip for adapter in ifaddr.get_adapters() if name in (None, adapter.name) for ip in adapter.ips if isinstance(ip.ip, str)
    )
