"""Looks for others at the start, on request and now and then; and has a name that nobody else has."""

import asyncio
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Sighting

if TYPE_CHECKING:
    from support.peers.reference.node.mdns import Advert, Mdns

TRY_AGAIN_AFTER = 2.0
"""Seconds after which mDNS is tried again where it could not be had."""
LOOKS = (0.0, 0.15, 0.4)
"""Seconds to wait before each question of a look that was asked for: a single packet may be lost."""
LONGEST_LABEL = 63
"""Bytes of a name's part (RFC 1035, 2.3.4)."""


class Discovery:
    """`on_name` is told the hostname whenever it is another, because somebody else has the one that was wished for."""

    def __init__(
        self,
        interfaces: list[str],
        interval: float,
        on_sighting: Callable[[Sighting], None],
        on_goodbye: Callable[[str], None],
        on_name: Callable[[str], None],
    ) -> None:
        self._interfaces = interfaces
        self._interval = interval
        self._on_sighting = on_sighting
        self._on_goodbye = on_goodbye
        self._on_name = on_name
        self._mdns: Mdns | None = None
        self._wish: tuple[str, str, str, int] | None = None
        self._taken_at = 0.0
        self._dispute_since: float | None = None
        self._asked = asyncio.Event()
        self._renamed = asyncio.Event()
        self._name = ""
        self._farewell = False

    async def run(self, hostname: str, device_id: str, version: str, port: int) -> None:
        """Advertise the device and look for others until cancelled."""
        self._wish = hostname, device_id, version, port
        # In a thread: HTTP answers in the meantime.
        await asyncio.to_thread(importlib.import_module, "support.peers.reference.node.mdns")
        while self._mdns is None:
            try:
                self._mdns = await self._open()
            except OSError as error:
                LOG.error("mdns_unavailable", interfaces=self._interfaces, why=why(error))
                await asyncio.sleep(TRY_AGAIN_AFTER)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_name())
            tasks.create_task(self._keep_looking())

    def look(self) -> None:
        """Look soon; who is found is told as always."""
        self._asked.set()

    def rename(self, hostname: str) -> None:
        """Another name is wished for."""
        if self._wish is not None:
            self._wish = (hostname, *self._wish[1:])
        self._name = ""
        self._farewell = True
        self._renamed.set()

    async def close(self) -> None:
        """Say goodbye."""
        if self._mdns is not None:
            await self._mdns.close()
            self._mdns = None

    async def _open(self) -> "Mdns":
        from support.peers.reference.node.mdns import Mdns

        mdns = Mdns(self._interfaces, self._on_sighting, self._on_goodbye, self._dispute)
        try:
            await mdns.open()
        except OSError:
            await mdns.close()
            raise
        return mdns

    async def _keep_looking(self) -> None:
        pauses: tuple[float, ...] = LOOKS
        while True:
            for pause in pauses:
                if await self._asked_within(pause):
                    # Whoever asks wants a whole look after that.
                    self._asked.clear()
                    pauses = LOOKS
                    break
                if self._mdns is not None:
                    self._mdns.look()
            else:
                pauses = (self._interval,)

    async def _asked_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            return False
        return True

    async def _keep_name(self) -> None:
        """Take a name, and another one each time that ours is wished to be another or is lost."""
        while True:
            self._renamed.clear()
            await self._take_name()
            await self._renamed.wait()

    async def _take_name(self) -> None:
        assert self._mdns is not None
        assert self._wish is not None
        wish, device_id = self._wish[:2]
        name = self._name or wish
        while (other := await self._mdns.probe(self._advert(name))) and other != device_id:
            LOG.warning("hostname_taken", hostname=name, by=other)
            name = self._free_name(wish)
        self._mdns.advertise(self._advert(name), self._farewell)
        self._farewell = False
        self._taken_at, self._dispute_since = asyncio.get_running_loop().time(), None
        self._name = name
        LOG.info("advertised", hostname=name, port=self._wish[3])
        self._on_name(name)

    def _advert(self, name: str) -> "Advert":
        from support.peers.reference.node.mdns import Advert

        assert self._wish is not None
        return Advert(name, self._wish[1], self._wish[2], self._wish[3], tuple(self._interfaces))

    def _free_name(self, wish: str) -> str:
        """The first of name-2, name-3 and so on that nobody else was heard to have."""
        assert self._mdns is not None
        number = 2
        while True:
            ending = f"-{number}"
            name = wish[: LONGEST_LABEL - len(ending)] + ending
            if name.lower() not in self._mdns.names:
                return name
            number += 1

    def _dispute(self, other_id: str) -> None:
        """Another device tells of itself by our name. One of the two gives way: the later one, else the greater id."""
        from support.peers.reference.node.mdns import PATIENCE, YOUNG

        if not self._name or self._renamed.is_set() or self._mdns is None or self._wish is None:
            return  # the name is being taken; probe() sees it
        now = asyncio.get_running_loop().time()
        if self._dispute_since is None or now - self._dispute_since > 2 * PATIENCE:
            self._dispute_since = now
            self._mdns.announce()
        lasted = now - self._dispute_since
        if self._wish[1] > other_id and (now - self._taken_at < YOUNG or lasted > PATIENCE):
            LOG.warning("hostname_given_up", hostname=self._name, to=other_id)
            self._name = self._free_name(self._wish[0])
            self._renamed.set()
