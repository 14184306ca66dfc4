"""A connection to every member of the group: what it tells is its status, and whether it is there; allocations go out on it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import aiohttp

from support.peers.reference.node.answers import AnswerError, object_in
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Peer, Peers
from support.peers.reference.node.status import UNDERSTOOD

AGAIN_AFTER = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Seconds before each attempt to connect again; the last goes on."""
Fields = dict[str, object]
ERRORS = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What an attempt may fail with. A URL that makes no sense is a ValueError."""


class Links:
    """Keeps a connection to each member of `peers`. `on_change` is called when one came, went or told something new."""

    def __init__(
        self, peers: Peers, session: aiohttp.ClientSession, on_change: Callable[[], None], on_up: Callable[[Peer], None]
    ) -> None:
        self.peers = peers
        self.session = session
        self.on_change = on_change
        self.on_up = on_up
        self._links: dict[Peer, tuple[Link, asyncio.Task[None]]] = {}

    def sync(self) -> None:
        """As many connections as there are members."""
        joined = self.peers.joined
        for peer in [one for one in self._links if one not in joined]:
            _, task = self._links.pop(peer)
            task.cancel()
        for peer in joined:
            if peer not in self._links:
                link = Link(peer, self)
                task = asyncio.get_running_loop().create_task(link.run())
                task.add_done_callback(_tell_of_mistake)
                self._links[peer] = link, task

    def push(self, peer: Peer, frame: Fields) -> None:
        """Send this to the member as soon as it takes it; a later one replaces what was not sent yet."""
        if peer in self._links:
            self._links[peer][0].push(frame)

    def hurry(self, peer: Peer) -> None:
        """It was seen: where it is not connected, try now."""
        if peer in self._links:
            self._links[peer][0].hurry()

    def is_up(self, peer: Peer) -> bool:
        """Whether there is a connection to it now."""
        return peer in self._links and self._links[peer][0].up

    async def close(self) -> None:
        """Close all of them."""
        tasks = [task for _, task in self._links.values()]
        self._links.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_of_mistake(ended: "asyncio.Task[None]") -> None:
    """A link ends when it is cancelled, and by nothing else."""
    if not ended.cancelled() and (mistake := ended.exception()) is not None:
        LOG.error("link_broken", why=repr(mistake))


class Link:
    """The connection to one member."""

    def __init__(self, peer: Peer, links: Links) -> None:
        self.peer = peer
        self.up = False
        self._links = links
        self._peers = links.peers
        self._next: Fields | None = None
        self._stir = asyncio.Event()
        self._hurry = asyncio.Event()

    def push(self, frame: Fields) -> None:
        """Send it, if there is a connection."""
        if self.up:
            self._next = frame
            self._stir.set()

    def hurry(self) -> None:
        """Do not wait for the next attempt."""
        self._hurry.set()

    async def run(self) -> None:
        """Connect, again and again, until cancelled."""
        failures = 0
        complained = ""
        while True:
            try:
                await self._talk()
                failures, complained = 0, ""
            except ERRORS as error:
                failures += 1
                # Whoever refuses is not there; whoever is silent may just be slow, and has the heartbeat time.
                if isinstance(error, ConnectionRefusedError) or isinstance(
                    getattr(error, "os_error", None), ConnectionRefusedError
                ):
                    self._peers.lost(self.peer)
                if why(error) != complained:
                    complained = why(error)
                    LOG.info("peer_unreachable", peer=self.peer.label, host=self.peer.host, why=complained)
            self._links.on_change()
            self._hurry.clear()
            await _either(self._hurry, AGAIN_AFTER[min(failures, len(AGAIN_AFTER) - 1)])

    async def _talk(self) -> None:
        """One connection, until it ends."""
        heartbeat = self._peers.heartbeat()
        async with asyncio.timeout(max(0.5, min(5.0, heartbeat))):
            socket = await self._links.session.ws_connect(
                f"{self.peer.url}/ws", autoping=True, max_msg_size=1024 * 1024, timeout=aiohttp.ClientWSTimeout(ws_close=0.5)
            )
        self.up, self._next = True, None
        sending = asyncio.get_running_loop().create_task(self._send(socket))
        try:
            self._found(socket)
            while True:
                async with asyncio.timeout(self._peers.heartbeat()):
                    message = await socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                await self._heard(message.data)
        finally:
            self.up = False
            sending.cancel()
            await _closed(socket)

    def _found(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        remote = socket.get_extra_info("peername")
        if remote:
            self.peer.ip = str(remote[0])
        LOG.info("peer_connected", peer=self.peer.label, host=self.peer.host)

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Asks often enough for an answer, whatever else is to say: so a silent connection is a broken one.

        A peer need not answer what it is given.
        """
        clock = asyncio.get_running_loop().time
        asked = clock()
        try:
            while True:
                pause = self._peers.heartbeat() / 3
                await _either(self._stir, max(0.0, asked + pause - clock()))
                self._stir.clear()
                frame, self._next = self._next, None
                if frame is not None:
                    await socket.send_str(json.dumps(frame))
                if clock() >= asked + pause:
                    asked = clock()
                    await socket.send_str(json.dumps({"ping": 1}))
        except ConnectionError as error:
            LOG.debug("peer_takes_nothing", peer=self.peer.label, why=str(error))

    async def _heard(self, text: str) -> None:
        first = self.peer.heard is None or not self._peers.online(self.peer)
        self._peers.heard(self.peer)
        try:
            fields = object_in(text)
        except AnswerError:
            LOG.warning("peer_talks_nonsense", peer=self.peer.label, frame=text)
            return
        if "error" in fields:
            LOG.warning("peer_refuses", peer=self.peer.label, why=str(fields["error"]))
        # The rest is nobody's business here, and there may be ever more of it.
        told = {name: value for name, value in fields.items() if name in UNDERSTOOD}
        changed = first or any(name not in self.peer.status or self.peer.status[name] != told[name] for name in told)
        self.peer.status.update(told)
        if told:
            self._introduced(told)
        if changed:
            self._links.on_change()
        if first:
            self._links.on_up(self.peer)

    def _introduced(self, told: Fields) -> None:
        """Its status tells who it is."""
        peer = self.peer
        for name, kept in (("version", "version"), ("hostname", "name")):
            value = told.get(name)
            if isinstance(value, str) and value:
                setattr(peer, kept, value)
        known_id = told.get("id")
        if isinstance(known_id, str) and known_id and known_id != peer.id:
            LOG.info("peer_identified", host=peer.host, id=known_id)
            self._peers.identified(peer, known_id)


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> None:
    closing: Awaitable[bool] = socket.close()
    try:
        async with asyncio.timeout(0.5):
            await closing
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        LOG.debug("peer_not_closed", why=why(error))


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
