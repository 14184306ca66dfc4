"""The controller of a group: every few seconds, and at a change, it shares out the current and tells every member its part."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from support.peers.protocol import Reason, State
from support.peers.reference.node.allocation import Allocation, Member, allocate
from support.peers.reference.node.links import Links
from support.peers.reference.node.log import LOG
from support.peers.reference.node.member import signature_of
from support.peers.reference.node.order import in_order
from support.peers.reference.node.peers import Peer, Peers
from support.peers.reference.node.ramp import Ramps
from support.peers.reference.node.settings import LoadSharing

Fields = dict[str, object]
RESTING = (State.ASLEEP, State.DISABLED)
LONGEST_RAMP, RAMP = 5.0, 0.9
"""Seconds that a vehicle may take to follow its pilot (SAE J1772), and the share of the interval: what it does not use by then
goes to the others with the next allocation."""
PAUSE = 0.02
"""Seconds in which several changes are answered by one allocation."""


@dataclass(frozen=True)
class Shares:
    """An allocation to all members. `computed_at` in seconds since 1970."""

    allocations: tuple[Allocation, ...]
    computed_at: float


class Controller:
    """From the moment it is made the node is the controller.

    `own` is the node as a member of its own group, asked for each time; `on_shares` gets every allocation.
    """

    def __init__(
        self,
        settings: Callable[[], LoadSharing],
        peers: Peers,
        links: Links,
        own: Callable[[], Member],
        on_shares: Callable[[Shares], None],
        interval: float,
    ) -> None:
        self._settings = settings
        self._peers = peers
        self._links = links
        self._own = own
        self._on_shares = on_shares
        self._interval = interval
        self._stir = asyncio.Event()
        self._ramps = Ramps(min(LONGEST_RAMP, RAMP * interval))
        self._put_to_sleep: set[str] = set()
        """Members who were awake when they were given nothing: their sleep is ours to end."""
        self._seen: tuple[object, ...] = ()
        self._told: tuple[Allocation, ...] = ()
        self._sequence = 0

    def look(self) -> None:
        """Something may have changed; if it matters to anybody's share, all are computed now."""
        seen = tuple(_what_matters(member) for member in self._settled())
        if (*seen, self._settings()) != self._seen:
            self._stir.set()

    def members(self) -> list[Member]:
        """Everybody in the group as they are now, the node itself first."""
        return [self._own(), *(self._member(peer) for peer in self._peers.joined)]

    def _settled(self) -> list[Member]:
        return self._ramps.settled(self.members(), self._peers.clock())

    async def run(self) -> None:
        """Share out until cancelled."""
        while True:
            self._stir.clear()
            self._share()
            try:
                async with asyncio.timeout(self._interval):
                    await self._stir.wait()
                    await asyncio.sleep(PAUSE)
            except TimeoutError:
                continue

    def _share(self) -> None:
        settings, members = self._settings(), self._settled()
        self._seen = (*(_what_matters(member) for member in members), settings)
        order = in_order(members, settings.rotation_interval, time.time())
        allocations = tuple(allocate(members, settings, order))
        by_id = {one.id: one for one in allocations}
        self._remember(members, by_id)
        if allocations != self._told:
            shown = [f"{one.id} {one.target_current:g} A {one.reason}" for one in allocations]
            LOG.info("shared_out", allocations=shown)
            self._told = allocations
        # Who gets less is told first.
        for peer in sorted(self._peers.joined, key=lambda one: by_id[one.label].target_current - _pilot(one)):
            share = by_id[peer.label]
            # Who is reckoned with as offline shall do what was assumed of it: bring its failsafe into force.
            if share.reason != Reason.OFFLINE:
                self._links.push(peer, {"loadsharing": self._frame(peer.label, share, settings.secret)})
        self._on_shares(Shares(allocations, time.time()))

    def _frame(self, known_id: str, share: Allocation, secret: str) -> Fields:
        frame: Fields = {"target_current": share.target_current, "reason": str(share.reason)}
        if secret:
            # It rises over restarts, too.
            self._sequence = max(self._sequence + 1, time.time_ns() // 1_000_000)
            signature = signature_of(secret, known_id, self._sequence, share.target_current, str(share.reason))
            frame.update(sequence=self._sequence, signature=signature)
        return frame

    def _remember(self, members: Sequence[Member], shares: dict[str, Allocation]) -> None:
        """Who sleeps because of us: who was awake when it was given nothing, until it is awake again."""
        for member in members:
            if member.state not in RESTING:
                self._put_to_sleep.discard(member.id)
                if member.online and shares[member.id].target_current == 0:
                    self._put_to_sleep.add(member.id)

    def _member(self, peer: Peer) -> Member:
        status = peer.status
        least = _amperes(status.get("min_current"), 6.0)
        state, vehicle = _whole(status.get("state")), bool(status.get("vehicle"))
        ours = status.get("asleep_by_sharing", peer.label in self._put_to_sleep)
        return Member(
            id=peer.label,
            # A node that has lost its board cannot tell it anything: as good as offline.
            online=self._peers.reckoned(peer) and status.get("evse_connected", True) is True,
            state=state,
            vehicle=vehicle,
            starved=state == State.ASLEEP and vehicle and ours is True,
            min_current=least,
            max_current=max(least, _amperes(status.get("max_current"), 32.0)),
            pilot=_pilot(peer),
            amp=_amperes(status.get("amp"), 0.0),
            priority=_whole(status.get("priority")),
        )


def _what_matters(member: Member) -> Member:
    """All but what changes all the time anyway."""
    return replace(member, pilot=0.0, amp=0.0)


def _pilot(peer: Peer) -> float:
    return _amperes(peer.status.get("pilot"), 0.0)


def _amperes(value: object, default: float) -> float:
    """What a peer told, if it makes sense."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1000
    return float(value) if known and isinstance(value, int | float) else default


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
