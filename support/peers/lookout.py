"""Somebody who listens on the network for advertisements of chargers (mDNS, RFC 6762; DNS-SD, RFC 6763)."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from support.kit.deadline import eventually
from support.peers.protocol import SERVICE

LOOPBACK = "127.0.0.1"
ASKING = 1500
"""Milliseconds for the particulars of an advertisement."""


@dataclass(frozen=True)
class Advertisement:
    """What a charger says of itself. `texts`: the TXT record."""

    name: str
    port: int
    addresses: tuple[str, ...]
    texts: dict[str, str]


class _Names(ServiceListener):
    def __init__(self) -> None:
        self.seen: set[str] = set()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002  # the library's signature
        self.seen.add(name)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Particulars, perhaps told to somebody else: without the pointer to the name a goodbye could not be noticed."""

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002
        self.seen.discard(name)


class Lookout:
    """Listens on the loopback interface while it is entered."""

    def __enter__(self) -> Self:
        self._zeroconf = Zeroconf(interfaces=[LOOPBACK])
        self._names = _Names()
        self._browser = ServiceBrowser(self._zeroconf, SERVICE, self._names)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.cancel()
        self._zeroconf.close()

    def find(self, port: int, within: float) -> Advertisement:
        """The advertisement of whoever is at `port`. PromiseBrokenError where there is none in time."""

        def looked() -> list[Advertisement]:
            return [one for name in sorted(self._names.seen) if (one := self._ask(name)) is not None]

        found = eventually(
            looked, lambda all_: any(one.port == port for one in all_), within,
            f"a charger at port {port} is advertised within {within:g} s", interval=0.05,
        )  # fmt: skip
        return next(one for one in found if one.port == port)

    def miss(self, name: str, within: float) -> None:
        """Until the advertisement of this name was taken back. PromiseBrokenError where it was not in time."""
        full = f"{name}.{SERVICE}"
        eventually(
            lambda: full in self._names.seen,
            lambda there: not there,
            within,
            f"the goodbye of {name} is heard within {within:g} s",
        )

    def _ask(self, name: str) -> Advertisement | None:
        info = ServiceInfo(SERVICE, name)
        if not info.request(self._zeroconf, ASKING) or info.port is None:
            return None
        texts = {
            key.decode("utf-8", "replace"): (value or b"").decode("utf-8", "replace") for key, value in info.properties.items()
        }
        return Advertisement(name.removesuffix(f".{SERVICE}"), info.port, tuple(info.parsed_addresses()), texts)
