"""Nodes that break one promise of a controller: how it shares out, in which order, and by which rules."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001, ARG002

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from math import ceil

from support.peers.lie import lies
from support.peers.protocol import Reason, State
from support.peers.reference.node.allocation import Allocation, Member, _all_stop, allocate, budget_of
from support.peers.reference.node.configuration import Configuration
from support.peers.reference.node.order import _turned, in_order
from support.peers.reference.node.settings import LoadSharing, SettingError, _Reading
from support.peers.reference.node.status import Fields, member_entry

Members = Sequence[Member]


def _shifted(plan: list[Allocation], amperes: float) -> list[Allocation]:
    """The first of those who share gives `amperes` to the last of them."""
    sharing = [place for place, one in enumerate(plan) if one.reason == Reason.EQUAL_SHARE]
    if len(sharing) > 1:
        for place, more in ((sharing[0], -amperes), (sharing[-1], amperes)):
            plan[place] = replace(plan[place], target_current=plan[place].target_current + more)
    return plan


# --- shares


@lies("It gives one more than another of those who share equally.", over=allocate)
def unequal_shares(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    return _shifted(allocate(members, settings, order), 2.0)


@lies("It shares out more than the circuit allows, by as much as one member needs.", over=budget_of)
def over_budget(members: Members, settings: LoadSharing) -> float:
    return budget_of(members, settings) + 6.0


@lies("It uses all of a circuit of which a part is to be kept free.", over=budget_of)
def safety_factor_ignored(members: Members, settings: LoadSharing) -> float:
    return budget_of(members, replace(settings, safety_factor=1.0))


@lies("It gives nothing to those whose vehicle is only connected.", over=allocate)
def connected_min_missing(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    plan = allocate(members, settings, order)
    return [Allocation(one.id, 0.0, Reason.IDLE) if one.reason == Reason.CONNECTED_MIN else one for one in plan]


@lies("It has a member twice in its plan.", over=allocate)
def twice_in_plan(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    plan = allocate(members, settings, order)
    return [*plan, plan[-1]]


@lies("It gives whole amperes, and rather one too many than one too few.", over=allocate)
def rounds_up(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    return [replace(one, target_current=float(ceil(one.target_current))) for one in allocate(members, settings, order)]


@lies("It does not tell how the members of its group are.", over=member_entry)
def members_not_told(shown: Fields, last_seen: float | None, status: Mapping[str, object]) -> Fields:
    return member_entry(shown, last_seen, {})


@lies("It leaves to a vehicle what it does not use.")
class UnusedCurrentKept(Member):
    @property
    def appetite(self) -> float:
        return self.max_current


_charged: set[str] = set()


@lies("It goes on giving to a vehicle that has gone.", over=allocate)
def gone_vehicle_keeps_its_part(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    _charged.update(member.id for member in members if member.asks)
    still = [replace(one, state=State.CHARGING, amp=one.pilot) if one.id in _charged else one for one in members]
    return allocate(still, settings, order)


_turns = count()


@lies("It gives now one and now another more, though nothing changes.", over=allocate)
def never_settles(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    return _shifted(allocate(members, settings, order), 2.0 * (next(_turns) % 2))


# --- scarcity


@lies("It gives all a little where it does not suffice.", over=allocate)
def less_than_the_least(members: Members, settings: LoadSharing, order: Sequence[str]) -> list[Allocation]:
    return allocate([replace(one, min_current=1.0) for one in members], settings, order)


@lies("It serves who is less important first.", over=in_order)
def priority_reversed(members: Iterable[Member], interval: float, seconds: float) -> list[str]:
    return in_order([replace(one, priority=-one.priority) for one in members], interval, seconds)


@lies("It never lets equals take turns.", over=in_order)
def no_rotation(members: Iterable[Member], interval: float, seconds: float) -> list[str]:
    return in_order(members, 0, seconds)


@lies("It lets all take turns, whoever is more important.", over=in_order)
def turns_for_all(members: Iterable[Member], interval: float, seconds: float) -> list[str]:
    ranked = in_order(members, 0, seconds)
    return _turned(ranked, int(seconds // interval)) if interval > 0 else ranked


@lies("It forgets who sleeps because it was given nothing.")
class StarvedForgotten(Member):
    @property
    def asks(self) -> bool:
        return self.charging


# --- who cannot be heard


@lies("It gives away what those may draw who cannot be heard.", over=budget_of)
def offline_not_reserved(members: Members, settings: LoadSharing) -> float:
    return budget_of(members, replace(settings, failsafe_peer_assumed_current=0.0))


@lies("It goes on with a group that is to stop when one is offline.", over=_all_stop)
def group_never_stops(members: Members, settings: LoadSharing) -> bool:
    return False


# --- the group's rules


@lies("It says that it has changed a rule, and has not.")
class RulesNotChanged(Configuration):
    def change(self, values: Mapping[str, object], hostname: str) -> bool:
        before = self.sharing
        done = super().change(values, hostname)
        self.sharing = before
        return done


@lies("It says that it has changed a rule that was so already.")
class NoChangeNeverSaid(Configuration):
    def change(self, values: Mapping[str, object], hostname: str) -> bool:
        super().change(values, hostname)
        return True


@lies("It takes numbers of any size.")
class RangeNotChecked(_Reading):
    def number(self, name: str, now: float, limits: tuple[float, float], unit: str = "") -> float:
        return super().number(name, now, (-1e9, 1e9), unit)


@lies("It takes what is good of a request, and says that the rest is bad.")
class HalfApplied(Configuration):
    def change(self, values: Mapping[str, object], hostname: str) -> bool:
        refused: list[SettingError] = []
        done = False
        for key, value in values.items():
            try:
                done = super().change({key: value}, hostname) or done
            except SettingError as error:
                refused.append(error)
        if refused:
            raise refused[0]
        return done


@lies("It forgets its rules when it ends.")
class RulesLostAtRestart(Configuration):
    def _save(self) -> None:
        return None
