"""Who comes first where the current does not suffice for all."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from support.peers.reference.node.allocation import Member


def in_order(members: Iterable[Member], interval: float, seconds: float) -> list[str]:
    """The members' ids, first come first: by priority (lower wins), then by id; of equal priorities, in turns.

    Every `interval` seconds (0: never) the first of each priority goes to its end. `seconds` are counted from any moment that
    stays the same. The turns go round all members of a priority, whether they ask for current at the moment or not: each is
    the first of them once in as many intervals as there are members, whatever the others do; and a vehicle that comes or goes, or
    a member that is not heard for a moment, does not change the order of the others: who sleeps and who is awake is exchanged
    at the rotation only. The turn of one who does not ask is the next one's.
    """
    turn = int(seconds // interval) if interval > 0 else 0
    ranked = sorted(members, key=attrgetter("priority", "id"))
    return [one for _, equals in groupby(ranked, key=attrgetter("priority")) for one in _turned([e.id for e in equals], turn)]


def _turned(ids: list[str], turn: int) -> list[str]:
    start = turn % len(ids)
    return ids[start:] + ids[:start]
