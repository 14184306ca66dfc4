"""The node: its parts, and what holds between them."""

import asyncio
import time

import aiohttp

from support.peers.protocol import Refusal
from support.peers.reference.node.arguments import Options
from support.peers.reference.node.board import Board
from support.peers.reference.node.configuration import MEMBER, Configuration, ReadOnlyError
from support.peers.reference.node.courtesy import Courtesy
from support.peers.reference.node.discovery import Discovery
from support.peers.reference.node.group import GroupFile
from support.peers.reference.node.guard import Guard
from support.peers.reference.node.hosts import HostError, parse_host
from support.peers.reference.node.interfaces import Interface
from support.peers.reference.node.links import Links
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Peer, Peers, Sighting, is_own
from support.peers.reference.node.sharing import Sharing
from support.peers.reference.node.sockets import Sockets
from support.peers.reference.node.station import Station
from support.peers.reference.node.status import Fields, entry, member_entry, own_entry, own_status
from support.peers.reference.node.store import StateFolder, StoreError
from support.peers.reference.node.watch import Watch


class UnknownPeerError(ValueError):
    """There is no such member."""

    def __init__(self) -> None:
        super().__init__(Refusal.UNKNOWN_PEER)


class Node:
    """Must be made on a running loop. `known_id`: who it is. StoreError: its folder cannot be read."""

    def __init__(
        self, options: Options, folder: StateFolder, configuration: Configuration, known_id: str, interface: Interface, port: int
    ) -> None:
        loop = asyncio.get_running_loop()
        self.id = known_id
        self.hostname = configuration.hostname
        self.interface = interface
        self.port = port
        self.configuration = configuration
        self.peers = Peers(known_id, lambda: configuration.sharing.heartbeat_timeout, loop.time)
        self.group = GroupFile(folder, self.peers)
        self.group.restore()
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.board = Board(options.serial, options.status_interval, self._board_changed)
        self.station = Station(self.board, folder)
        self.guard = Guard(self.board)
        self.sockets = Sockets(self.status, lambda frame, remote: self.sharing.take(frame, remote))
        self.links = Links(self.peers, self.session, self._peer_changed, self._peer_up)
        self.sharing = Sharing(
            known_id,
            configuration,
            self.peers,
            self.links,
            self.board,
            self.station,
            self.guard,
            options.allocation_interval,
            self._status_changed,
        )
        self.courtesy = Courtesy(self.session, f"{interface.main}:{port}")
        self.watch = Watch(self.peers, self.session, self.sharing.look)
        self.discovery = Discovery(
            list(interface.addresses), options.discovery_interval, self._sighted, self._goodbye, self._named
        )
        self._had_board = False
        self._wished = configuration.hostname
        configuration.on_change.append(self._configured)

    async def run(self) -> None:
        """Do all that is done without being asked, until cancelled."""
        from support.peers.reference.node import __version__

        self.links.sync()
        self.sharing.follow()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.board.run())
            tasks.create_task(self.station.run())
            tasks.create_task(self.guard.run())
            tasks.create_task(self.watch.run())
            tasks.create_task(self._watch_online())
            tasks.create_task(self.discovery.run(self.hostname, self.id, __version__, self.port))

    async def close(self) -> None:
        """Say goodbye, and close what is open."""
        await asyncio.gather(
            self.discovery.close(), self.sharing.close(), self.sockets.close(), self.links.close(), self.courtesy.close()
        )
        await self.session.close()

    def status(self) -> Fields:
        """What `GET /status` tells."""
        return own_status(
            self.id,
            self.hostname,
            self.board.state,
            self.sharing.target,
            self.configuration.sharing.priority,
            self.sharing.role,
            self.station.asleep_by_sharing,
        )

    def list(self) -> list[Fields]:
        """What `GET /loadsharing/peers` tells: the node itself first."""
        return [self._own_entry(), *(entry(peer, self.peers) for peer in self.peers.all)]

    def group_status(self) -> Fields:
        """What `GET /loadsharing/status` tells."""
        settings = self.configuration.sharing
        joined = self.peers.joined
        online = 1 + sum(self.peers.online(peer) for peer in joined)
        return {
            "enabled": settings.enabled,
            "role": settings.role,
            "group_id": settings.group_id,
            "computed_at": round(self.sharing.shares.computed_at, 3),
            "failsafe_active": self.sharing.target.failsafe,
            "online_count": online,
            "offline_count": 1 + len(joined) - online,
            "peers": [
                member_entry(self._own_entry(), time.time(), self.status()),
                *(member_entry(entry(peer, self.peers), peer.told_at, peer.status) for peer in joined),
            ],
            "allocations": self.sharing.allocations,
        }

    def add(self, text: str, reciprocal: bool) -> bool:
        """Take a host into the group; whether it is new there. ReadOnlyError, HostError, GroupFullError, StoreError."""
        self._require_writable()
        if is_own(parse_host(text), self._own_ways()):
            raise HostError(Refusal.LOCAL_HOST)
        peer, new = self.peers.join(text)
        if new:
            try:
                self.group.save()
            except StoreError:
                self.peers.leave(text)
                raise
            LOG.info("peer_added", host=peer.host, id=peer.id)
            if reciprocal:
                self.courtesy.added(peer)
            self._group_changed()
        return new

    def remove(self, text: str, reciprocal: bool) -> None:
        """Take a host out of the group. ReadOnlyError, HostError, UnknownPeerError, StoreError."""
        self._require_writable()
        try:
            host = parse_host(text)
        except HostError as error:
            raise UnknownPeerError from error
        if is_own(host, self._own_ways()):
            raise HostError("Cannot remove the local device")
        peer = self.peers.find(host)
        if peer is None or not peer.joined:
            raise UnknownPeerError
        url = peer.url
        self.peers.leave(text)
        self.group.save()
        LOG.info("peer_removed", host=text, id=peer.id)
        if reciprocal:
            self.courtesy.removed(peer, url)
        self._group_changed()

    def _require_writable(self) -> None:
        if self.configuration.sharing.role == MEMBER:
            raise ReadOnlyError

    def _own_ways(self) -> set[tuple[str, int | None]]:
        """What this node is known by: (name or IP, port)."""
        names = {f"{self.hostname.lower()}.local", *self.interface.addresses}
        if self.interface.main != self.interface.listen:
            names.add("127.0.0.1")
        ways: set[tuple[str, int | None]] = {(name, self.port) for name in names}
        ways.add((f"{self.hostname.lower()}.local", None))
        return ways | {(name, None) for name in names if self.port == 80}

    def _own_entry(self) -> Fields:
        return own_entry(self.id, self.hostname, (self.interface.main, self.port))

    def _group_changed(self) -> None:
        self.links.sync()
        self.sharing.look()

    def _peer_changed(self) -> None:
        """It came, went, told something new, or turned out to be another entry or the node itself."""
        self._keep_group()
        self._group_changed()

    def _peer_up(self, peer: Peer) -> None:
        self.courtesy.came_online(peer)

    def _keep_group(self) -> None:
        try:
            self.group.save()
        except StoreError as error:
            LOG.error("group_not_kept", why=why(error))

    def _sighted(self, sighting: Sighting) -> None:
        known = len(self.peers.all)
        peer = self.peers.sighted(sighting)
        if peer is None:
            return
        if len(self.peers.all) != known:
            LOG.info("peer_discovered", id=sighting.id, hostname=sighting.instance, ip=sighting.ip, port=sighting.port)
        if peer.joined:
            self.links.hurry(peer)
            self._peer_changed()

    def _goodbye(self, instance: str) -> None:
        peer = self.peers.goodbye(instance)
        if peer is not None:
            LOG.info("peer_said_goodbye", id=peer.id, hostname=instance)
            self._group_changed()

    def _named(self, hostname: str) -> None:
        if hostname != self.hostname:
            LOG.info("hostname", hostname=hostname)
            self.hostname = hostname
            self._status_changed()

    def _board_changed(self) -> None:
        if self.board.state.connected and not self._had_board:
            self.guard.look()
        self._had_board = self.board.state.connected
        self.station.look()
        self.sharing.look()
        self._status_changed()

    def _status_changed(self) -> None:
        self.sockets.changed()

    def _configured(self) -> None:
        if self.configuration.hostname != self._wished:
            self._wished = self.configuration.hostname
            self.discovery.rename(self._wished)
        self.sharing.follow()

    async def _watch_online(self) -> None:
        """Silence tells nobody anything by itself: who is not heard for the heartbeat time is offline from then on."""
        while True:
            await asyncio.sleep(min(1.0, self.peers.heartbeat() / 8))
            self.sharing.look()
