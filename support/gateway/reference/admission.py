"""Connection slots: how many connections there may be, in all and from one address."""

from collections import Counter
from dataclasses import dataclass

from support.gateway.reference.settings import Settings


@dataclass(frozen=True)
class Rejection:
    """Why a connection is not let in: `reason` for the count, `sentence` for the client."""

    reason: str
    sentence: str


class Admission:
    """Gives out slots. A slot counts from the upgrade and is free again when `leave` is called, once."""

    def __init__(self, settings: Settings) -> None:
        self.limit = settings.max_connections
        self.address_limit = settings.max_connections_per_address
        self.connections = 0
        self._by_address: Counter[str] = Counter()

    def enter(self, address: str) -> Rejection | None:
        """Take a slot; or say why there is none."""
        if self.address_full(address):
            return Rejection("address", f"the limit of {self.address_limit} connections from one address is reached")
        if self.full():
            return Rejection("total", f"the limit of {self.limit} connections is reached")
        self.connections += 1
        self._by_address[address] += 1
        return None

    def address_full(self, address: str) -> bool:
        """Whether there is no slot left for this address."""
        return self._by_address[address] >= self.address_limit

    def full(self) -> bool:
        """Whether there is no slot left at all."""
        return self.connections >= self.limit

    def leave(self, address: str) -> None:
        """Give the slot back."""
        self.connections -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
