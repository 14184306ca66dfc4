"""A member of a group: it takes allotments from its controller and from nobody else, and has a failsafe for when none come."""

import asyncio
import hashlib
import hmac
import math
import socket
from collections.abc import Callable

from support.peers.reference.node.failsafe import Failsafe
from support.peers.reference.node.hosts import HostError, parse_host
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.peers import Peers
from support.peers.reference.node.settings import LoadSharing
from support.peers.reference.node.status import Target

RESOLVE_EVERY, RESOLVE_AGAIN = 10.0, 1.0
"""Seconds after which the controller's name is looked up again where it was known, and where it was not."""
FAILSAFE = "failsafe"
"""The reason that is told while the failsafe is in force."""


def signature_of(secret: str, known_id: str, sequence: int, current: float, reason: str) -> str:
    """HMAC-SHA256 in hexadecimal digits of what a controller allots to the member of this id."""
    text = f"{known_id}|{sequence}|{current:.2f}|{reason}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Membership:
    """From the moment it is made the node is a member. `on_change` is called when its target is another."""

    def __init__(
        self,
        known_id: str,
        settings: Callable[[], LoadSharing],
        peers: Peers,
        clock: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        self._id = known_id
        self._settings = settings
        self._peers = peers
        self._clock = clock
        self._on_change = on_change
        self._failsafe = Failsafe(settings().heartbeat_timeout, clock())
        self._allotted: Target | None = None
        self._sequence = -1
        self._addresses: tuple[str, frozenset[str]] = ("", frozenset())
        self._stir = asyncio.Event()
        self._moved = asyncio.Event()
        self._was_active = False

    @property
    def target(self) -> Target:
        """What is in force: what the controller allotted, or the failsafe's."""
        if self._failsafe.active(self._clock()):
            settings = self._settings()
            current = 0.0 if settings.failsafe_mode == "disable" else float(settings.failsafe_safe_current)
            return Target(current, FAILSAFE, True)
        return self._allotted or Target()

    async def run(self) -> None:
        """Watch the heartbeat, and who the controller is, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._keep_resolving())

    def settings_changed(self) -> None:
        """The heartbeat time or the controller may be another."""
        self._failsafe.timeout = self._settings().heartbeat_timeout
        self._stir.set()
        self._moved.set()

    def take(self, frame: object, remote: str) -> str | None:
        """An allotment, and the address it came from. Why it is refused, or None."""
        settings = self._settings()
        host, addresses = self._addresses
        if host != settings.controller_host or not addresses:
            addresses = _literal(settings.controller_host) or self._from_mdns(settings.controller_host)
        if remote.removeprefix("::ffff:") not in addresses:
            return self._refuse("Allocations are taken from the controller only", remote)
        if not isinstance(frame, dict):
            return self._refuse("An allocation is an object", remote)
        current, reason = frame.get("target_current"), frame.get("reason", "")
        if (
            isinstance(current, bool)
            or not isinstance(current, int | float)
            or not math.isfinite(current)
            or not 0 <= current <= 1000
        ):
            return self._refuse("target_current must be amperes, at least 0", remote)
        if not isinstance(reason, str):
            return self._refuse("reason must be a text", remote)
        if settings.secret:
            sequence, signature = frame.get("sequence"), frame.get("signature")
            if isinstance(sequence, bool) or not isinstance(sequence, int) or not isinstance(signature, str):
                return self._refuse("The allocation is not signed", remote)
            right = signature_of(settings.secret, self._id, sequence, float(current), reason)
            if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
                return self._refuse("The allocation's signature is wrong", remote)
            if sequence <= self._sequence:
                return self._refuse("The allocation's sequence does not rise", remote)
            self._sequence = sequence
        before = self.target
        self._failsafe.heard(self._clock())
        self._allotted = Target(float(current), reason)
        self._stir.set()
        if self.target != before:
            LOG.info("allotted", target_current=current, reason=reason, controller=remote)
            self._on_change()
        return None

    def _refuse(self, msg: str, remote: str) -> str:
        LOG.warning("allocation_refused", why=msg, remote=remote)
        return msg

    async def _watch(self) -> None:
        while True:
            active = self._failsafe.active(self._clock())
            if active != self._was_active:
                self._was_active = active
                LOG.warning("failsafe_active" if active else "failsafe_released", target_current=self.target.current)
                self._on_change()
            self._stir.clear()
            left = None if active else max(0.005, self._failsafe.deadline - self._clock())
            try:
                async with asyncio.timeout(left):
                    await self._stir.wait()
            except TimeoutError:
                continue

    async def _keep_resolving(self) -> None:
        while True:
            self._moved.clear()
            host = self._settings().controller_host
            self._addresses = host, await self._resolved(host)
            # A name that is not known yet may be known soon.
            try:
                async with asyncio.timeout(RESOLVE_EVERY if self._addresses[1] else RESOLVE_AGAIN):
                    await self._moved.wait()
            except TimeoutError:
                continue

    async def _resolved(self, host: str) -> frozenset[str]:
        found = _literal(host) or self._from_mdns(host)
        if found or not host:
            return found
        try:
            name = parse_host(host).name
            infos = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, HostError) as error:
            LOG.warning("controller_unknown", host=host, why=why(error))
            return frozenset()
        return frozenset(str(info[4][0]) for info in infos)

    def _from_mdns(self, host: str) -> frozenset[str]:
        try:
            peer = self._peers.find(parse_host(host))
        except HostError:
            return frozenset()
        return frozenset({peer.ip}) if peer and peer.ip else frozenset()


def _literal(host: str) -> frozenset[str]:
    """The address itself where the host is one."""
    try:
        name = parse_host(host).name
    except HostError:
        return frozenset()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return frozenset({socket.inet_ntop(family, socket.inet_pton(family, name))})
        except OSError:
            continue
    return frozenset()
