"""Load sharing at this node: nothing, a member or the controller, as it is set; and what that means for its own board."""

import asyncio
import time
from collections.abc import Callable

from support.peers.protocol import Reason
from support.peers.reference.node.allocation import Member
from support.peers.reference.node.board import Board
from support.peers.reference.node.configuration import Configuration
from support.peers.reference.node.controller import Controller, Shares
from support.peers.reference.node.guard import Guard
from support.peers.reference.node.links import Links
from support.peers.reference.node.log import LOG
from support.peers.reference.node.member import Membership
from support.peers.reference.node.peers import Peers
from support.peers.reference.node.station import Free, Station
from support.peers.reference.node.status import Fields, Target

NO_TARGET = Target()


class Sharing:
    """Follows the configuration. `on_change` is called when the target is another."""

    def __init__(
        self,
        known_id: str,
        configuration: Configuration,
        peers: Peers,
        links: Links,
        board: Board,
        station: Station,
        guard: Guard,
        interval: float,
        on_change: Callable[[], None],
    ) -> None:
        self._id = known_id
        self._configuration = configuration
        self._peers = peers
        self._links = links
        self._board = board
        self._station = station
        self._guard = guard
        self._interval = interval
        self._on_change = on_change
        self._part: Controller | Membership | None = None
        self._task: asyncio.Task[None] | None = None
        self.shares = Shares((), time.time())

    @property
    def role(self) -> str:
        """The part it plays: "controller", "member", or "" while load sharing is off."""
        return self._configuration.sharing.role if self._configuration.sharing.enabled else ""

    @property
    def target(self) -> Target:
        """What this station is allotted."""
        if isinstance(self._part, Membership):
            return self._part.target
        own = next((one for one in self.shares.allocations if one.id == self._id), None)
        return Target(own.target_current, str(own.reason)) if own and self._part else NO_TARGET

    @property
    def allocations(self) -> list[Fields]:
        """As they are told: all members' shares at the controller, its own at a member."""
        if isinstance(self._part, Membership):
            target = self._part.target
            return [] if target.current is None else [_told(self._id, target.current, target.reason)]
        return [_told(one.id, one.target_current, one.reason) for one in self.shares.allocations]

    def follow(self) -> None:
        """The configuration is another."""
        wanted = {"controller": Controller, "member": Membership}.get(self.role)
        if wanted is not None and isinstance(self._part, wanted):
            if isinstance(self._part, Membership):
                self._part.settings_changed()
            self.look()
        elif wanted is not None or self._part is not None or self._station.wanted is Free.ALONE:
            self._stop()
            LOG.info("load_sharing", role=self.role)
            self._start()
        settings = self._configuration.sharing
        if self._part is None:
            self._guard.dismiss()
        else:
            self._guard.want(settings.heartbeat_timeout, settings.failsafe_safe_current)
        self.changed()

    def look(self) -> None:
        """The board or a peer is another."""
        if isinstance(self._part, Controller):
            self._part.look()

    def take(self, frame: object, remote: str) -> str | None:
        """What stands under `loadsharing` in a frame that came from this address. Why it is refused, or None."""
        if not isinstance(self._part, Membership):
            return "This node is no member of a group"
        return self._part.take(frame, remote)

    def changed(self) -> None:
        """The target may be another: the board follows."""
        target = self.target
        if target.current is None or target.reason == Reason.OFFLINE:
            self._station.want(Free.ALONE if self._part else Free.RELEASED)
        else:
            self._station.want(target.current)
        self._on_change()

    async def close(self) -> None:
        """End."""
        self._stop()

    def _start(self) -> None:
        settings = lambda: self._configuration.sharing  # noqa: E731
        if self.role == "controller":
            self._part = Controller(settings, self._peers, self._links, self._own, self._shared, self._interval)
        elif self.role == "member":
            self._part = Membership(self._id, settings, self._peers, self._peers.clock, self.changed)
        if self._part is not None:
            self._task = asyncio.get_running_loop().create_task(self._part.run())

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._part = self._task = None
        self.shares = Shares((), time.time())

    def _shared(self, shares: Shares) -> None:
        self.shares = shares
        self.changed()

    def _own(self) -> Member:
        board = self._board.state
        return Member(
            id=self._id,
            online=board.connected or not self._board.path,
            state=board.state,
            vehicle=board.vehicle,
            starved=board.vehicle and self._station.asleep_by_sharing,
            min_current=float(board.min_current),
            max_current=float(board.max_current),
            pilot=float(board.pilot),
            amp=board.amp,
            priority=self._configuration.sharing.priority,
        )


def _told(known_id: str, current: float, reason: str) -> Fields:
    return {"id": known_id, "target_current": current, "reason": str(reason)}
