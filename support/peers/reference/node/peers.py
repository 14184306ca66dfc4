"""Who is around: the members of the group, who were added and stay, and those that were only discovered, who come and go.

One entry for each device: its id tells who it is, once that is known. Nothing here does IO; times come from a clock.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from support.peers.protocol import GROUP_SIZE
from support.peers.reference.node.hosts import Host, HostError, parse_host

HTTP_PORT = 80
"""Where a host without a port is asked."""
Clock = Callable[[], float]


class GroupFullError(ValueError):
    """The group has as many members as it may have."""


@dataclass(frozen=True)
class Sighting:
    """A device as mDNS tells of it. `instance` is its hostname, `server` the name of its address."""

    instance: str
    server: str
    id: str
    version: str
    ip: str
    port: int


@dataclass(eq=False)
class Peer:
    """Another device. It is in the group if it was added: `hosts` are the strings by which that was done."""

    hosts: list[str] = field(default_factory=list)
    id: str = ""
    sighting: Sighting | None = None
    version: str = ""
    name: str = ""
    ip: str = ""
    heard: float | None = None
    """When its own connection has last brought something, on the clock of Peers."""
    seen: float | None = None
    """When mDNS, or the answer to a look at it, has last told of it."""
    told_at: float | None = None
    """When it was last heard in any way, in seconds since 1970."""
    gone: bool = False
    """It said goodbye, or nobody listens there any more."""
    status: dict[str, object] = field(default_factory=dict)

    @property
    def joined(self) -> bool:
        """Whether it is a member of the group."""
        return bool(self.hosts)

    @property
    def label(self) -> str:
        """What it is called in logs and lists, and to load sharing while its id is unknown."""
        return self.id or self.host

    @property
    def host(self) -> str:
        """The host to show: as it was added, else its name in mDNS."""
        if self.hosts:
            return self.hosts[0]
        return f"{self.sighting.instance}.local" if self.sighting else ""

    @property
    def address(self) -> tuple[str, int]:
        """Where it is asked: (name or IP, port)."""
        if self.hosts:
            host = parse_host(self.hosts[0])
            by_name = self.sighting is not None and host.port is None and _plain(host.name) in _names(self.sighting)
            if not by_name:
                return host.name, host.port or HTTP_PORT
        if self.sighting is None:
            raise ValueError("a peer that was neither added nor seen has no address")
        return self.sighting.ip, self.sighting.port

    @property
    def url(self) -> str:
        """The same as a URL without a path."""
        name, port = self.address
        written = f"[{name}]" if ":" in name else name
        return f"http://{written}" if port == HTTP_PORT else f"http://{written}:{port}"

    def answers_to(self, host: Host) -> bool:
        """Whether it is known by this host."""
        wanted = (_plain(host.name), host.port)
        return wanted in self._ways()

    def _ways(self) -> Iterator[tuple[str, int | None]]:
        for text in self.hosts:
            host = parse_host(text)
            yield _plain(host.name), host.port
            yield from _with_default(_plain(host.name), host.port or HTTP_PORT)
        if self.sighting:
            for name in _names(self.sighting):
                yield name, None
                yield name, self.sighting.port
            yield from _with_default(self.sighting.ip, self.sighting.port)


class Peers:
    """The list. `heartbeat` tells for how many seconds somebody who was heard is online."""

    def __init__(self, own_id: str, heartbeat: Callable[[], float], clock: Clock) -> None:
        self.own_id = own_id
        self.heartbeat = heartbeat
        self.clock = clock
        self.all: list[Peer] = []

    @property
    def joined(self) -> list[Peer]:
        """The members of the group, in the order in which they were added."""
        return [peer for peer in self.all if peer.joined]

    def online(self, peer: Peer) -> bool:
        """Whether it was heard within the heartbeat time and has not gone since."""
        last = peer.heard if peer.joined else peer.seen
        return not peer.gone and last is not None and self.clock() - last <= self.heartbeat()

    def reckoned(self, peer: Peer) -> bool:
        """Whether load sharing still reckons with a member as it was last heard of: even one who is known to be gone goes on
        drawing until its failsafe, or its board's, has come into force."""
        return peer.heard is not None and self.clock() - peer.heard <= self.heartbeat()

    def find(self, host: Host) -> Peer | None:
        """Who is known by this host; a member rather than somebody else."""
        return next((peer for peer in sorted(self.all, key=lambda one: not one.joined) if peer.answers_to(host)), None)

    def join(self, text: str) -> tuple[Peer, bool]:
        """Take the host into the group; the entry, and whether it is new there. HostError, GroupFullError."""
        host = parse_host(text)
        peer = self.find(host)
        if peer is not None and peer.joined:
            return peer, False
        if len(self.joined) >= GROUP_SIZE - 1:
            raise GroupFullError(f"The group is full: it has {GROUP_SIZE} members")
        if peer is None:
            peer = Peer()
        else:
            self.all.remove(peer)
        peer.hosts = [text.strip()]
        peer.heard = peer.seen
        self.all.insert(len(self.joined), peer)
        return peer, True

    def leave(self, text: str) -> Peer | None:
        """Take who is known by this string out of the group; None if there is no such member."""
        try:
            host = parse_host(text)
        except HostError:
            return None
        peer = self.find(host)
        if peer is None or not peer.joined:
            return None
        stays = peer.sighting is not None and not peer.gone and (self.online(peer) or self._fresh(peer))
        peer.hosts = []
        self.all.remove(peer)
        if stays:
            peer.seen = self.clock()
            self.all.append(peer)
        return peer

    def restore(self, hosts: list[str], known_id: str) -> None:
        """A member of before the restart. HostError."""
        known = any(self.find(parse_host(text)) for text in hosts) or any(peer.id == known_id != "" for peer in self.all)
        if hosts and not known and known_id != self.own_id and len(self.joined) < GROUP_SIZE - 1:
            self.all.append(Peer(hosts=hosts, id=known_id))

    def sighted(self, sighting: Sighting) -> Peer | None:
        """mDNS tells of a device. Its entry; None if it is the device itself."""
        if sighting.id == self.own_id:
            return None
        # Who was added by two names, while nobody knew that they are one device, has had two entries until now.
        meant = [one for one in self.all if _is_of(one, sighting)]
        peer = min(meant, key=lambda one: (not one.joined, one.id != sighting.id), default=None)
        if peer is None:
            peer = Peer()
            self.all.append(peer)
        for other in meant:
            if other is not peer:
                self._merge(peer, other)
        was_elsewhere = peer.sighting is not None and peer.sighting.port != sighting.port
        peer.sighting, peer.ip, peer.name = sighting, sighting.ip, sighting.instance
        peer.version = sighting.version or peer.version
        peer.seen, peer.told_at = self.clock(), time.time()
        if not peer.joined or was_elsewhere:
            peer.gone = False
        return self.identified(peer, sighting.id)

    def identified(self, peer: Peer, known_id: str) -> Peer | None:
        """It has told its id; the entry that stays, as one device has one. None: it is the device itself."""
        if not known_id or peer.id == known_id:
            return peer
        if known_id == self.own_id:
            self._forget(peer)
            return None
        peer.id = known_id
        other = next((one for one in self.all if one is not peer and one.id == known_id), None)
        if other is None:
            return peer
        keeps, goes = (other, peer) if other.joined else (peer, other)
        self._merge(keeps, goes)
        return keeps

    def _merge(self, keeps: Peer, goes: Peer) -> None:
        """Both are the same device."""
        keeps.hosts += [text for text in goes.hosts if text not in keeps.hosts]
        keeps.sighting = keeps.sighting or goes.sighting
        keeps.version, keeps.name = keeps.version or goes.version, keeps.name or goes.name
        keeps.seen = max((at for at in (keeps.seen, goes.seen) if at is not None), default=None)
        keeps.heard = max((at for at in (keeps.heard, goes.heard) if at is not None), default=None)
        keeps.gone = keeps.gone and goes.gone
        self._forget(goes)

    def heard(self, peer: Peer) -> None:
        """Its own connection has brought something."""
        peer.heard, peer.told_at, peer.gone = self.clock(), time.time(), False

    def looked_at(self, peer: Peer) -> None:
        """It answered a look at it."""
        peer.seen, peer.told_at, peer.gone = self.clock(), time.time(), False

    def lost(self, peer: Peer) -> None:
        """Nobody listens there any more: a member is offline from now on, anybody else is forgotten."""
        peer.gone = True
        if not peer.joined:
            self._forget(peer)

    def goodbye(self, instance: str) -> Peer | None:
        """mDNS tells that the device of this name leaves; who that was."""
        name = instance.lower()
        peer = next((one for one in self.all if one.sighting and one.sighting.instance.lower() == name), None)
        if peer is not None:
            self.lost(peer)
            peer.sighting = None
        return peer

    def stale(self, share: float) -> list[Peer]:
        """Those outside of the group of whom nothing was seen for this share of the heartbeat time."""
        return [peer for peer in self.all if not peer.joined and not self._fresh(peer, share)]

    def sweep(self) -> list[Peer]:
        """Forget those outside of the group of whom nothing was seen within the heartbeat time; who they were."""
        swept = self.stale(1.0)
        for peer in swept:
            self._forget(peer)
        return swept

    def _fresh(self, peer: Peer, share: float = 1.0) -> bool:
        return peer.seen is not None and self.clock() - peer.seen <= share * self.heartbeat()

    def _forget(self, peer: Peer) -> None:
        if peer in self.all:
            self.all.remove(peer)


def _is_of(peer: Peer, sighting: Sighting) -> bool:
    """Whether the entry is of the device that mDNS tells of: by its id where both are known, else by its name or address."""
    if peer.id and sighting.id:
        return peer.id == sighting.id
    if peer.sighting and peer.sighting.instance.lower() == sighting.instance.lower():
        return True
    return any(_means(parse_host(text), sighting) for text in peer.hosts)


def _means(host: Host, sighting: Sighting) -> bool:
    """Whether a host that was added is the device that mDNS tells of."""
    if _plain(host.name) in _names(sighting):
        return host.port in (None, sighting.port)
    return (_plain(host.name), host.port or HTTP_PORT) == (sighting.ip, sighting.port)


def _names(sighting: Sighting) -> set[str]:
    return {f"{_plain(sighting.instance)}.local", _plain(sighting.server)}


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _with_default(name: str, port: int) -> Iterator[tuple[str, int | None]]:
    yield name, port
    if port == HTTP_PORT:
        yield name, None


def is_own(host: Host, own: set[tuple[str, int | None]]) -> bool:
    """Whether the host is one of the device's `own` ways: (name or IP in lower case, port or None)."""
    return (_plain(host.name), host.port) in own
