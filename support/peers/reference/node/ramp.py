"""Vehicles need time to follow a pilot that rises. Until then a low draw says nothing about what they can use."""

from collections.abc import Sequence
from dataclasses import replace

from support.peers.reference.node.allocation import Member


class Ramps:
    """Members as they will be once their vehicles have had `time` seconds to follow a higher pilot, or to begin.

    SAE J1772 allows a vehicle 5 s. Without this a vehicle that is about to draw more would be taken for one that does not
    want to: its pilot would fall to what it draws, rise again as it draws all of that, and so on for ever.
    """

    def __init__(self, time: float) -> None:
        self._time = time
        self._before: dict[str, Member] = {}
        self._ends: dict[str, float] = {}
        """Until when a member's vehicle is following, by id."""

    def settled(self, members: Sequence[Member], now: float) -> list[Member]:
        """`members`, but whose vehicle is still following counts as drawing its whole pilot.

        `now` is in seconds of a clock that never goes back. To be called whenever a member has changed, else a rise is noticed
        late.
        """
        for member in members:
            if member.charging and self._has_risen(member):
                self._ends[member.id] = now + self._time
        self._before = {member.id: member for member in members}
        self._ends = {key: end for key, end in self._ends.items() if key in self._before and now < end}
        return [replace(one, amp=max(one.amp, one.pilot)) if one.id in self._ends else one for one in members]

    def _has_risen(self, member: Member) -> bool:
        before = self._before.get(member.id)
        return before is None or not before.charging or member.pilot > before.pilot
