"""Telling another node that it was added or removed, so that it does the same: in the background, and not back and forth."""

import asyncio
from urllib.parse import quote

import aiohttp
from yarl import URL

from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Peer

LIMIT = 3.0
"""Seconds."""
PATH = "/loadsharing/peers"


class Courtesy:
    """Tells others about this node, which they know by `own`."""

    def __init__(self, session: aiohttp.ClientSession, own: str) -> None:
        self._session = session
        self._own = own
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: dict[Peer, tuple[str, str]] = {}
        """Who could not be told, and by which method at which URL: tried once more when it is online."""

    def added(self, peer: Peer) -> None:
        """It was added here: it shall add this node."""
        self._start(peer, "POST", peer.url, again=True)

    def removed(self, peer: Peer, url: str) -> None:
        """It was removed here; it was asked at `url`."""
        self._again.pop(peer, None)
        self._start(peer, "DELETE", url, again=False)

    def came_online(self, peer: Peer) -> None:
        """What could not be told may be told now, once."""
        if peer in self._again and peer.joined:
            method, url = self._again.pop(peer)
            self._start(peer, method, url, again=False)

    async def close(self) -> None:
        """What is still under way is dropped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, peer: Peer, method: str, url: str, again: bool) -> None:
        task = asyncio.get_running_loop().create_task(self._tell(peer, method, url, again))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, peer: Peer, method: str, url: str, again: bool) -> None:
        fields: dict[str, object] | None = {"host": self._own, "reciprocal": False} if method == "POST" else None
        path = PATH if method == "POST" else f"{PATH}/{quote(self._own, safe='')}?reciprocal=false"
        try:
            async with asyncio.timeout(LIMIT):
                async with self._session.request(method, URL(url + path, encoded=True), json=fields) as response:
                    text = (await response.content.read(500)).decode("utf-8", "replace")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            LOG.warning("reciprocal_failed", method=method, peer=peer.label, url=url, why=why(error), again=again)
            if again and peer.joined:
                self._again[peer] = method, url
            return
        if response.status == 200:
            LOG.info("reciprocal_done", method=method, peer=peer.label, url=url)
        else:
            LOG.warning("reciprocal_refused", method=method, peer=peer.label, url=url, code=response.status, msg=text)
