"""How a group's controller shares out what the circuit allows.

All currents are in amperes; targets are told to 0.01 A, rounded down, so that their sum never exceeds the budget.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from support.peers.protocol import SLACK, Reason, State
from support.peers.reference.node.settings import FailsafeMode, LoadSharing

STEPS = 100
"""Steps of an ampere: shares are reckoned in whole steps."""
MOST_SLACK = 1.75
"""Amperes that a pilot may be above what the vehicle draws, before it follows."""
_ROUNDING = 5e-8
"""Steps that a product of floating-point numbers may be too low by."""


@dataclass(frozen=True)
class Member:
    """A member of the group as its controller knows it. No current is below 0 A, nor the maximum below the minimum.

    `pilot` is what the station offers the vehicle, `amp` what the vehicle draws; `starved`: the station sleeps only because it
    was given nothing although a vehicle waits. Of a member that is offline only its id counts.
    """

    id: str
    online: bool
    state: int
    vehicle: bool
    starved: bool
    min_current: float
    max_current: float
    pilot: float
    amp: float
    priority: int

    @property
    def charging(self) -> bool:
        """Whether its vehicle draws, or may draw at any moment. Who charges has a vehicle, whatever else it tells."""
        return self.online and self.state == State.CHARGING

    @property
    def asks(self) -> bool:
        """Whether it has a part in the budget."""
        return self.charging or (self.online and self.starved and self.vehicle and self.state == State.ASLEEP)

    @property
    def waits(self) -> bool:
        """Whether a vehicle is connected that does not charge."""
        return self.online and self.state == State.CONNECTED

    @property
    def appetite(self) -> float:
        """The most that it can make use of, from its minimum to its maximum.

        A pilot at least SLACK above what the vehicle draws counts as what it draws; the rest is for the others. The target must
        stay above the draw all the same, else the vehicle could never show that it wants more again, and it must not follow
        every quiver of the draw. So a pilot that is SLACK to MOST_SLACK above it is kept as it is, and a higher one falls to the
        next whole ampere (stations know no others) that is at least SLACK above it: inside of that band, and so the next look
        changes nothing. Once the vehicle comes closer to its pilot than SLACK it gets its full share again.
        """
        unused = self.pilot - self.amp
        if not self.charging or unused < SLACK:
            return self.max_current
        wanted = self.pilot if unused <= MOST_SLACK else math.ceil(self.amp + SLACK)
        return min(max(wanted, self.min_current), self.max_current)


@dataclass(frozen=True)
class Allocation:
    """What a member is given, in amperes, and why."""

    id: str
    target_current: float
    reason: Reason


def budget_of(members: Sequence[Member], settings: LoadSharing) -> float:
    """Amperes for those who ask: what may be used of the circuit, less what those who are not heard are assumed to draw."""
    if _all_stop(members, settings):
        return 0.0
    reserved = sum(not member.online for member in members) * settings.failsafe_peer_assumed_current
    return max(0.0, settings.group_max_current * settings.safety_factor - reserved)


def allocate(members: Sequence[Member], settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    """What each member is given now, in the order of `members`; the same input gives the same answer.

    `order`: the ids of those who come first where it does not suffice for all; who is missing there comes last, by id.
    ValueError: an id is there twice.
    """
    if len({member.id for member in members}) < len(members):
        raise ValueError("a member is there twice")
    places = {key: place for place, key in enumerate(order)}
    asking = sorted((one for one in members if one.asks), key=lambda one: (places.get(one.id, len(places)), one.id))
    shares = _shares(asking, _down(budget_of(members, settings)))
    all_stop = _all_stop(members, settings)
    return [shares.get(member.id) or _outside(member, all_stop) for member in members]


def _all_stop(members: Sequence[Member], settings: LoadSharing) -> bool:
    return settings.failsafe_mode is FailsafeMode.DISABLE and not all(member.online for member in members)


def _outside(member: Member, all_stop: bool) -> Allocation:
    """For who has no part in the budget."""
    if not member.online:
        return Allocation(member.id, 0.0, Reason.OFFLINE)
    if not member.waits:
        return Allocation(member.id, 0.0, Reason.IDLE)
    if all_stop:
        return Allocation(member.id, 0.0, Reason.INSUFFICIENT)
    return Allocation(member.id, _up(member.min_current) / STEPS, Reason.CONNECTED_MIN)


def _shares(asking: Sequence[Member], budget: int) -> dict[str, Allocation]:
    """By id, for those who ask, first come first; `budget` in steps."""
    least = {member.id: _up(member.min_current) for member in asking}
    left = budget - sum(least.values())
    if left >= 0:
        extra = _level({member.id: _down(member.appetite) - least[member.id] for member in asking}, left)
        return {key: Allocation(key, (least[key] + extra[key]) / STEPS, Reason.EQUAL_SHARE) for key in least}
    shares, left = {}, budget
    for key, steps in least.items():
        if steps <= left:
            shares[key] = Allocation(key, steps / STEPS, Reason.MIN_SUBSET)
            left -= steps
        else:
            shares[key] = Allocation(key, 0.0, Reason.INSUFFICIENT)
    return shares


def _level(room: dict[str, int], left: int) -> dict[str, int]:
    """The same number of steps for all, give or take one; who has no room for them leaves the rest to the others."""
    extra: dict[str, int] = {}
    # Who has the least room comes first: what it leaves is there for all who follow. By id, so that no turn moves a single step.
    for done, key in enumerate(sorted(room, key=lambda key: (room[key], key))):
        even = math.ceil(left / (len(room) - done))
        extra[key] = max(0, min(room[key], even))
        left -= extra[key]
    return extra


def _down(amperes: float) -> int:
    return math.floor(amperes * STEPS + _ROUNDING)


def _up(amperes: float) -> int:
    return math.ceil(amperes * STEPS - _ROUNDING)
