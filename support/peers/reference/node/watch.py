"""Looks after those who were discovered and not added: who is silent is asked, and who does not answer is not listed any more."""

import asyncio
from collections.abc import Callable

import aiohttp

from support.peers.reference.node.answers import AnswerError, object_in
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Peer, Peers

STALE = 0.5
"""Share of the heartbeat time after which somebody of whom nothing was seen is asked."""
LONGEST_LIMIT = 5.0
"""Seconds for an answer."""
LONGEST_ANSWER = 64 * 1024
"""Bytes."""


class Watch:
    """Watches `peers`; `on_change` is called when somebody is not listed any more."""

    def __init__(self, peers: Peers, session: aiohttp.ClientSession, on_change: Callable[[], None]) -> None:
        self._peers = peers
        self._session = session
        self._on_change = on_change
        self._asking: dict[Peer, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                heartbeat = self._peers.heartbeat()
                await asyncio.sleep(min(1.0, heartbeat / 4))
                if swept := self._peers.sweep():
                    LOG.info("peers_vanished", peers=[peer.label for peer in swept])
                    self._on_change()
                for peer in self._peers.stale(STALE):
                    if peer not in self._asking and peer.sighting is not None:
                        self._asking[peer] = loop.create_task(self._ask(peer, peer.url, heartbeat))
        finally:
            for task in self._asking.values():
                task.cancel()

    async def _ask(self, peer: Peer, url: str, heartbeat: float) -> None:
        try:
            async with asyncio.timeout(min(LONGEST_LIMIT, heartbeat / 2)):
                async with self._session.get(f"{url}/status") as response:
                    told = object_in(await response.content.read(LONGEST_ANSWER))
            # Another one may have come to live at the address.
            if not peer.id or told.get("id", peer.id) == peer.id:
                self._peers.looked_at(peer)
            else:
                self._drop(peer)
        except (aiohttp.ClientError, OSError, TimeoutError, AnswerError) as error:
            LOG.info("peer_unreachable", peer=peer.label, host=peer.host, why=why(error))
            if isinstance(getattr(error, "os_error", None), ConnectionRefusedError):
                self._drop(peer)
        finally:
            self._asking.pop(peer, None)

    def _drop(self, peer: Peer) -> None:
        if not peer.joined:
            self._peers.lost(peer)
            self._on_change()
