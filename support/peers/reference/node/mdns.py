"""mDNS (RFC 6762) and DNS-SD (RFC 6763) on one interface: the device advertises itself and hears of the others.

Loaded late: the library takes a while, and HTTP shall answer before. Questions go out in two ways: what others multicast is
heard by the library; besides, each look is a one-shot question from a port of its own (RFC 6762, 5.1), which is answered at
once and to us alone, where answers by multicast may be held back for more than a second (RFC 6762, 6).
"""

import asyncio
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass

from zeroconf import (  # type: ignore[attr-defined]  # public, but not all of them are in its __all__
    DNSIncoming,
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    DNSText,
    IPVersion,
    RecordUpdate,
    RecordUpdateListener,
    ServiceInfo,
    Zeroconf,
)
from zeroconf.asyncio import AsyncZeroconf

from support.peers.protocol import SERVICE
from support.peers.reference.node.log import LOG
from support.peers.reference.node.peers import Sighting

GROUP, PORT = "224.0.0.251", 5353
TYPE_PTR, TYPE_TXT, TYPE_ANY, CLASS_IN = 12, 16, 255, 1
FLAGS_QUERY = 0
RECORD_LIFE = 4500
"""Seconds."""
PROBES = 3
PROBE_EVERY = 0.1
"""Seconds between two questions whether the name is free."""
GOODBYES, GOODBYE_EVERY = 2, 0.05
RESOLVE_LIMIT = 1.5
"""Seconds in which what an announcement left out must be told."""
YOUNG = 2.0
"""Seconds for which a name that was just taken is given up rather than defended."""
PATIENCE = 5.0
"""Seconds of a dispute about a name, after which an old owner gives it up, too."""
TXT_ID = b"id"


@dataclass(frozen=True)
class Advert:
    """What the device tells of itself. `addresses`: its IPv4 addresses."""

    hostname: str
    id: str
    version: str
    port: int
    addresses: tuple[str, ...]

    def info(self) -> ServiceInfo:
        """The same for the library."""
        return ServiceInfo(
            SERVICE,
            f"{self.hostname}.{SERVICE}",
            port=self.port,
            properties={"id": self.id, "version": self.version, "type": "reference", "ssl": "0"},
            server=f"{self.hostname}.local.",
            parsed_addresses=list(self.addresses),
        )


class Mdns(RecordUpdateListener):
    """Open from the moment it is made, on a running loop. OSError: the interface cannot be used.

    `on_sighting` gets every device that is heard, `on_goodbye` the instance name of one that leaves, `on_dispute` the id of
    another device that uses the name of ours.
    """

    def __init__(
        self,
        interfaces: list[str],
        on_sighting: Callable[[Sighting], None],
        on_goodbye: Callable[[str], None],
        on_dispute: Callable[[str], None],
    ) -> None:
        self._on_sighting = on_sighting
        self._on_goodbye = on_goodbye
        self._on_dispute = on_dispute
        self._info: ServiceInfo | None = None
        self._wanted: Advert | None = None
        self._heard: set[str] = set()
        self._resolving: dict[str, asyncio.Task[None]] = {}
        self._announcing: asyncio.Task[None] | None = None
        self.names: dict[str, str] = {}
        """Instance names in lower case that were heard, and the ids behind them."""
        self._asker = Asker(interfaces, self._answered)
        self._aio = AsyncZeroconf(interfaces=list(interfaces), ip_version=IPVersion.V4Only)
        self._zeroconf = self._aio.zeroconf
        self._zeroconf.async_add_listener(self, None)

    async def open(self) -> None:
        """Both ways of asking work when this returns. OSError."""
        await self._zeroconf.async_wait_for_start()
        await self._asker.open()

    def look(self) -> None:
        """Ask who is there; whoever is heard is told as always."""
        questions = [DNSQuestion(SERVICE, TYPE_PTR, CLASS_IN)]
        if self._wanted is not None:
            questions.append(DNSQuestion(f"{self._wanted.hostname}.{SERVICE}", TYPE_ANY, CLASS_IN))
        out = DNSOutgoing(FLAGS_QUERY, False, random.randrange(1, 0x10000))
        for question in questions:
            out.add_question(question)
        if self._info is not None:
            # We know of ourselves.
            pointer = DNSPointer(SERVICE, TYPE_PTR, CLASS_IN, RECORD_LIFE, self._info.name)
            out.add_answer_at_time(pointer, 0)
        for packet in out.packets():
            self._asker.send(packet)

    async def probe(self, advert: Advert) -> str | None:
        """Ask whether the name is free; the id of who has it, else None."""
        self._wanted = advert
        for _ in range(PROBES):
            self.look()
            await asyncio.sleep(PROBE_EVERY)
            if taken_by := self.names.get(advert.hostname.lower()):
                return taken_by
        return None

    def advertise(self, advert: Advert, farewell: bool) -> None:
        """Tell of the device from now on, and no longer what was told before; `farewell`: nobody else has the name of before."""
        before = self._info
        if before is not None:
            self._zeroconf.registry.async_remove(before)
        self._wanted, self._info = advert, advert.info()
        self._zeroconf.registry.async_add(self._info)
        # The new name first: so the device is never gone.
        self._tell(self._info)
        if before is not None and farewell and before.key != self._info.key:
            self._tell(before, 0)
        self.announce()

    def announce(self) -> None:
        """Tell everybody, a few times."""
        if self._announcing is not None:
            self._announcing.cancel()
        self._announcing = asyncio.get_running_loop().create_task(self._announce())

    async def close(self) -> None:
        """Say goodbye and end."""
        for task in (*self._resolving.values(), *([self._announcing] if self._announcing else [])):
            task.cancel()
        self._zeroconf.async_remove_listener(self)
        if self._info is not None:
            self._zeroconf.registry.async_remove(self._info)
            # Answers that wait to be sent would bring us back to life.
            for queue in (self._zeroconf.out_queue, self._zeroconf.out_delay_queue):
                queue.queue.clear()
            for _ in range(GOODBYES):
                self._tell(self._info, 0)
                await asyncio.sleep(GOODBYE_EVERY)
        self._asker.close()
        await self._aio.async_close()

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:  # noqa: ARG002 - its name
        """What the library has heard, before it remembers it."""
        for update in records:
            record = update.new
            # What the library forgets by itself has a life left in its record; a goodbye has none.
            leaves = record.ttl == 0
            if isinstance(record, DNSPointer) and record.name.lower() == SERVICE:
                if leaves:
                    self._leaves(record.alias)
                elif not record.is_expired(now):
                    self._heard.add(record.alias)
            elif isinstance(record, DNSText) and _is_instance(record.name) and not leaves and not record.is_expired(now):
                self._dispute(record)
                self._heard.add(record.name)

    def async_update_records_complete(self) -> None:
        """Now it remembers it."""
        heard, self._heard = self._heard, set()
        for name in heard:
            info = ServiceInfo(SERVICE, name)
            if info.load_from_cache(self._zeroconf):
                self._sighted(info)
            elif name not in self._resolving:
                self._resolving[name] = asyncio.get_running_loop().create_task(self._resolve(info))

    async def _announce(self) -> None:
        for pause in (0.0, 0.2, 1.0):
            await asyncio.sleep(pause)
            if self._info is not None:
                self._tell(self._info)

    def _tell(self, info: ServiceInfo, life: int | None = None) -> None:
        """To everybody. A life of 0 s is a goodbye."""
        self._zeroconf.async_send(self._zeroconf.generate_service_broadcast(info, life))

    async def _resolve(self, info: ServiceInfo) -> None:
        try:
            if await info.async_request(self._zeroconf, RESOLVE_LIMIT * 1000):
                self._sighted(info)
        finally:
            self._resolving.pop(info.name, None)

    def _sighted(self, info: ServiceInfo) -> None:
        addresses = info.parsed_addresses(IPVersion.V4Only)
        if not addresses or not info.port:
            return
        told = info.decoded_properties
        instance = _instance(info.name)
        known_id = told.get("id") or ""
        self.names[instance.lower()] = known_id or "?"
        server = (info.server or "").rstrip(".")
        self._on_sighting(Sighting(instance, server, known_id, told.get("version") or "", addresses[0], info.port))

    def _leaves(self, name: str) -> None:
        instance = _instance(name)
        self.names.pop(instance.lower(), None)
        self._heard.discard(name)
        if self._wanted is None or instance.lower() != self._wanted.hostname.lower():
            self._on_goodbye(instance)

    def _dispute(self, record: DNSText) -> None:
        """The record may tell of another device by the name of ours."""
        if self._wanted is None or record.name.lower() != f"{self._wanted.hostname}.{SERVICE}".lower():
            return
        other = next((part[3:] for part in _strings(record.text) if part.lower().startswith(TXT_ID + b"=")), b"")
        told = other.decode("utf-8", "replace")
        if told != self._wanted.id:
            self.names[self._wanted.hostname.lower()] = told or "?"
            self._on_dispute(told)

    def _answered(self, data: bytes, sender: tuple[str, int]) -> None:
        message = DNSIncoming(data, sender)
        if message.valid and message.is_response():
            self._zeroconf.record_manager.async_updates_from_response(message)


class Asker(asyncio.DatagramProtocol):
    """Sends one-shot questions from ports of its own, one for each interface, and hands over what comes back."""

    def __init__(self, interfaces: list[str], on_answer: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._interfaces = interfaces
        self._on_answer = on_answer
        self._ways: list[asyncio.DatagramTransport] = []

    async def open(self) -> None:
        """OSError."""
        loop = asyncio.get_running_loop()
        for address in self._interfaces:
            way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                way.setblocking(False)
                way.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
                way.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
                way.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
                way.bind((address, 0))
                transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=way)
            except OSError:
                way.close()
                raise
            self._ways.append(transport)

    def send(self, packet: bytes) -> None:
        """To everybody."""
        for way in self._ways:
            way.sendto(packet, (GROUP, PORT))

    def close(self) -> None:
        """Close its ports."""
        for way in self._ways:
            way.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """An answer."""
        self._on_answer(data, addr)

    def error_received(self, exc: Exception) -> None:
        """A question did not go out, as while a network is down. The next one is due soon."""
        LOG.debug("mdns_unsent", why=str(exc))


def _is_instance(name: str) -> bool:
    return name.lower().endswith(f".{SERVICE}")


def _instance(name: str) -> str:
    return name[: -len(SERVICE) - 1]


def _strings(text: bytes) -> list[bytes]:
    """The strings of a TXT record: each is preceded by its length (RFC 1035, 3.3.14)."""
    found, at = [], 0
    while at < len(text):
        found.append(text[at + 1 : at + 1 + text[at]])
        at += 1 + text[at]
    return found
