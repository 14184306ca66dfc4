"""The end of a gateway: calls in flight are answered, then all connections are closed as going away, within the grace.

New calls on open connections are refused as OVER_CAPACITY meanwhile; repeats and everything else are answered as before.
Calls whose connections are lost are not waited for: nobody could come back for the answer.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterable

from support.gateway.protocol import Close
from support.gateway.reference.client import Client
from support.gateway.reference.gateway import Gateway

MARGIN = 0.05
"""The part of the grace, at most `LONGEST_MARGIN` seconds, that is left for closing connections; as much for the end itself."""
LONGEST_MARGIN = 0.2

LOOK_EVERY = 0.1
"""Seconds between two looks for calls that nobody waits for any more."""


class Closing:
    """Ends `gateway` within its settings' grace."""

    code: int = Close.GOING_AWAY
    reason = "shutting down"

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        grace = gateway.settings.shutdown_grace
        self.end = time.monotonic() + grace - min(grace * MARGIN, LONGEST_MARGIN)

    async def run(self) -> None:
        """Returns when all connections are closed, or the grace is over and the rest are dropped."""
        gateway = self.gateway
        gateway.calls.stopping = True
        strangers = [client for client in gateway.clients if client.session is None]
        turning_away = asyncio.ensure_future(self.close(strangers))
        await self.drain()
        # Calls that were cancelled are answered before their connections close.
        gateway.calls.abort_all()
        await self.close(gateway.clients)
        await turning_away

    async def drain(self) -> None:
        """Wait for calls in flight, as long as there is time."""
        grace = self.gateway.settings.shutdown_grace
        end = self.end - min(grace * MARGIN, LONGEST_MARGIN)
        while self.gateway.capacity.in_flight and (left := end - time.monotonic()) > 0:
            self.gateway.calls.abort_orphans()
            await within(min(left, LOOK_EVERY), [self.gateway.calls.idle()])

    async def close(self, clients: Iterable[Client]) -> None:
        """Close these connections; drop those that do not take part before the grace is over."""
        clients = list(clients)
        closing = [self.gateway.close(client, self.code, self.reason) for client in clients]
        await within(self.end - time.monotonic(), closing)
        for client in clients:
            client.link.transport.abort()


async def within(seconds: float, work: Iterable[Coroutine[object, object, None]]) -> None:
    """Run all of `work` at once, for so long at most."""
    tasks = [asyncio.ensure_future(each) for each in work]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=max(0.0, seconds))
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
