"""Providers: programs that know values for keys. One TCP connection per call, one line of JSON each way."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

import msgspec

from support.gateway.protocol import Breaker as State
from support.gateway.protocol import Code
from support.gateway.reference.breaker import Breaker, BreakerLimits
from support.gateway.reference.errors import ArgumentError, CallError
from support.gateway.reference.log import shown
from support.gateway.reference.settings import ProviderAddress, Settings

LONGEST_LINE = 1024 * 1024
"""Bytes of a provider's answer at most."""


class ProviderError(Exception):
    """The provider did not give a value. The text is for the caller."""


class Reply(msgspec.Struct):
    """A provider's line. `error` counts where both are there."""

    value: str | msgspec.UnsetType = msgspec.UNSET
    error: object = msgspec.UNSET


class Provider:
    """A provider with its breaker."""

    def __init__(self, address: ProviderAddress, breaker: Breaker) -> None:
        self.name = address.name
        self.host = address.host
        self.port = address.port
        self.breaker = breaker

    async def value(self, key: str) -> str:
        """The provider's value for `key`. ProviderError, or OSError from the network."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=LONGEST_LINE)
        try:
            writer.write(msgspec.json.encode({"key": key}) + b"\n")
            await writer.drain()
            return self.read(await reader.readuntil(b"\n"))
        except asyncio.IncompleteReadError as error:
            raise ProviderError("closed the connection before its answer was complete") from error
        except asyncio.LimitOverrunError as error:
            raise ProviderError(f"sent more than {LONGEST_LINE} bytes without ending the line") from error
        finally:
            # Nothing more is to be said: what the provider still sends is of no interest, also when the call is cancelled.
            writer.transport.abort()

    def read(self, line: bytes) -> str:
        """The value on a provider's line. ProviderError."""
        try:
            reply = msgspec.json.decode(line, type=Reply)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ProviderError("answered with what is no answer") from error
        if reply.error is not msgspec.UNSET:
            said = reply.error if isinstance(reply.error, str) else json.dumps(reply.error)
            raise ProviderError(f"answered with an error: {shown(said)}")
        if isinstance(reply.value, msgspec.UnsetType):
            raise ProviderError("answered without a value")
        return reply.value


class Providers:
    """The providers by name; the first is the default. `on_transition` hears (provider, from, to) of each breaker."""

    provider_class = Provider
    breaker_class = Breaker

    def __init__(
        self, settings: Settings, clock: Callable[[], float], on_transition: Callable[[str, State, State], None]
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.on_transition = on_transition
        self._known = {
            address.name: self.provider_class(address, self.make_breaker(address.name)) for address in settings.providers
        }

    def make_breaker(self, name: str) -> Breaker:
        """The breaker of the provider of this name."""
        given = self.settings
        limits = BreakerLimits(given.breaker_failures, given.breaker_recovery, given.breaker_successes, given.breaker_probes)
        return self.breaker_class(limits, self.clock, lambda before, after: self.on_transition(name, before, after))

    def find(self, name: str | None) -> Provider:
        """The provider of this name, or the default. CallError."""
        if name is None:
            for first in self._known.values():
                return first
            raise CallError(Code.TOOL_EXECUTION_ERROR, "the gateway has no provider")
        if name not in self._known:
            raise ArgumentError("provider", "is unknown")
        return self._known[name]

    def names(self) -> Sequence[str]:
        """All names, the default's first."""
        return list(self._known)

    def health(self) -> Mapping[str, Mapping[str, object]]:
        """The state of each breaker, by provider."""
        return {name: self.breaker_health(provider.breaker) for name, provider in self._known.items()}

    def breaker_health(self, breaker: Breaker) -> Mapping[str, object]:
        """The state, the failures in a row, and, while it is open, the seconds until a probe may pass."""
        told: dict[str, object] = {"state": breaker.state.value, "failures": breaker.failures}
        if breaker.state is State.OPEN:
            told["retry_after_s"] = breaker.retry_after()
        return told
