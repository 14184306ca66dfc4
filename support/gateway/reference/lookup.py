"""The tool `lookup {key, provider?}`: a provider's value for a key, behind the provider's breaker."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from support.gateway.protocol import Code
from support.gateway.reference.breaker import Ticket
from support.gateway.reference.errors import CallError
from support.gateway.reference.metrics import GatewayMetrics
from support.gateway.reference.providers import Provider, ProviderError, Providers
from support.gateway.reference.schema import Arguments, Schema, Text
from support.gateway.reference.tools import SlowTool

if TYPE_CHECKING:
    from support.gateway.reference.calls import Call, Calls

LONGEST_KEY = 256
"""Characters. A longer key would be the caller's mistake, and must not count as the provider's."""


class Lookup(SlowTool):
    """Asks a provider, unless its breaker is open. `timeout`: seconds for the whole of it."""

    name = "lookup"
    description = "Asks a provider for the value of a key."
    schema = Schema(
        {
            "key": Text("what to look up", 1, LONGEST_KEY),
            "provider": Text("whom to ask; the first provider if not given", required=False),
        }
    )

    def __init__(self, providers: Providers, timeout: float, metrics: GatewayMetrics) -> None:
        self.providers = providers
        self.timeout = timeout
        self.metrics = metrics

    def start(self, arguments: Arguments, call: "Call", calls: "Calls") -> Coroutine[object, object, str]:  # noqa: ARG002
        """The coroutine that asks. CallError, before anything is sent, while the breaker is open."""
        named = arguments.get("provider")
        provider = self.providers.find(named if isinstance(named, str) else None)
        ticket = self.admit(provider)
        call.at_end(ticket.abandon)
        return self.ask(provider, ticket, str(arguments["key"]))

    def admit(self, provider: Provider) -> Ticket:
        """The right to ask. CallError while the breaker is open."""
        admitted = provider.breaker.admit()
        if isinstance(admitted, Ticket):
            return admitted
        details = {"retry_after_s": admitted, "provider": provider.name}
        raise CallError(Code.CIRCUIT_OPEN, f"provider {provider.name} has failed too often to be asked now", details)

    async def ask(self, provider: Provider, ticket: Ticket, key: str) -> str:
        """The provider's value. CallError. A call that is cancelled is nobody's failure, and not counted."""
        try:
            async with asyncio.timeout(self.timeout):
                value = await provider.value(key)
        except TimeoutError as error:
            self.timed_out(provider, ticket)
            message = f"provider {provider.name} did not answer within {self.timeout:g} s"
            raise CallError(Code.TIMEOUT, message, {"provider": provider.name}) from error
        except (ProviderError, OSError, UnicodeError) as error:
            self.went_wrong(provider, ticket)
            why = (
                str(error)
                if isinstance(error, ProviderError)
                else f"cannot be reached: {getattr(error, 'strerror', None) or error}"
            )
            details = {"provider": provider.name}
            raise CallError(Code.TOOL_EXECUTION_ERROR, f"provider {provider.name} {why}", details) from error
        self.went_well(provider, ticket)
        return value

    def went_well(self, provider: Provider, ticket: Ticket) -> None:
        """The provider gave a value."""
        self.metrics.provider_called(provider.name, "ok")
        ticket.success()

    def went_wrong(self, provider: Provider, ticket: Ticket) -> None:
        """The provider could not be reached, or gave no value."""
        self.metrics.provider_called(provider.name, "error")
        ticket.failure()

    def timed_out(self, provider: Provider, ticket: Ticket) -> None:
        """The provider took too long."""
        self.metrics.provider_called(provider.name, "timeout")
        ticket.failure()
