"""A group that shares a circuit: how it is formed, what its controller plans, and whether the promises hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from support.kit.deadline import Deadline, eventually, steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.peers.board import NOTHING
from support.peers.charger import Charger
from support.peers.protocol import State
from support.peers.world import SLACK, PeersWorld

FORMING_LIMIT = 8.0
"""Seconds until a controller has heard all members, scaled by patience."""
LOOKS_APART = 0.05
EXACT = 0.011
"""Amperes: a plan is told to 0.01 A."""
MOVED = 0.5
"""Amperes that count as a change (contract)."""


@dataclass(frozen=True)
class Given:
    """What the plan gives a member, in amperes, and why."""

    amps: float
    reason: str

    def __str__(self) -> str:
        return f"{self.amps:g} A {self.reason}"


Plan = Mapping[str, Given]
Seen = TypeVar("Seen")


def shown(plan: Plan) -> str:
    """As failures tell it."""
    return ", ".join(f"{identity}: {given}" for identity, given in plan.items()) or "nobody is in the plan"


def plan_of(controller: Charger) -> dict[str, Given]:
    """The controller's plan by member. PromiseBrokenError where somebody is in it twice, or it cannot be read."""
    status = controller.node.rest.object_at("/loadsharing/status")
    raw = status.get("allocations")
    if not isinstance(raw, list):
        raise PromiseBrokenError("a controller tells its allocations as a list", repr(raw))
    plan: dict[str, Given] = {}
    for one in raw:
        if not isinstance(one, dict) or not isinstance(one.get("target_current"), int | float):
            raise PromiseBrokenError("an allocation has id, target_current and reason", repr(one))
        identity = str(one.get("id"))
        if identity in plan:
            raise PromiseBrokenError("every member is in the plan once", f"{identity} twice in {raw}")
        plan[identity] = Given(float(one["target_current"]), str(one.get("reason")))
    return plan


def form_group(world: PeersWorld) -> None:
    """The first charger has added all the others, hears all of them and has planned for all."""
    controller = world.chargers[0]
    for member in world.chargers[1:]:
        answer = controller.add(member.host)
        if answer.code != 200:
            raise PromiseBrokenError("a controller adds a member", str(answer))
    ids = world.learn_ids()

    def ready() -> bool:
        plan = plan_of(controller)
        return set(plan) == ids and all(given.reason == "idle" for given in plan.values())

    eventually(
        ready, bool, FORMING_LIMIT * world.settings.patience + world.cycle, "the controller hears all members and plans for them",
        interval=LOOKS_APART, describe=lambda _: shown(plan_of(controller)),
    )  # fmt: skip


def ask_for_current(chargers: Sequence[Charger]) -> None:
    """Their vehicles come and ask."""
    for charger in chargers:
        charger.station.vehicle_comes()
    for charger in chargers:
        charger.station.vehicle_asks()


def await_charging(world: PeersWorld, chargers: Sequence[Charger], amps: float) -> None:
    """Their vehicles draw so much each."""
    for charger in chargers:
        charger.station.require_draws(amps, 2 * world.cycle)


def let_charge(world: PeersWorld, chargers: Sequence[Charger], amps: float) -> None:
    """Their vehicles come, ask, and draw so much each."""
    begin(world)
    ask_for_current(chargers)
    await_charging(world, chargers, amps)


def require_given(world: PeersWorld, chargers: Sequence[Charger], amps: float, reason: str, within: float | None = None) -> None:
    """The plan gives each of them so much, for this reason, within two cycles or as said."""
    controller = world.chargers[0]
    ids = [charger.learn_id() for charger in chargers]

    def as_wanted(plan: Plan) -> bool:
        return all(i in plan and abs(plan[i].amps - amps) <= EXACT and plan[i].reason == reason for i in ids)

    eventually(
        lambda: plan_of(controller), as_wanted, 2 * world.cycle if within is None else within,
        f"the plan gives {', '.join(ids)} {amps:g} A, as {reason!r}", interval=LOOKS_APART, describe=shown,
    )  # fmt: skip


def require_reason(world: PeersWorld, charger: Charger, reason: str) -> None:
    """The plan comes to name this reason for the charger, and gives it nothing."""

    def named(plan: Plan) -> bool:
        return charger.id in plan and plan[charger.id].reason == reason and plan[charger.id].amps <= EXACT

    eventually(
        lambda: plan_of(world.chargers[0]), named, world.cycle, f"the plan has {charger.id} as {reason!r}, with nothing",
        interval=LOOKS_APART, describe=shown,
    )  # fmt: skip


def require_each_draws(world: PeersWorld, amps: float) -> None:
    """All vehicles draw so much."""
    for charger in world.chargers:
        charger.station.require_draws(amps, 2 * world.cycle)


def require_all_draw(world: PeersWorld) -> None:
    """Every vehicle draws."""
    eventually(lambda: drawing(world), lambda amps: min(amps) > NOTHING, 2 * world.cycle, "every vehicle draws")


def require_everybody_once(world: PeersWorld) -> None:
    """Nobody is missing in the plan, nobody stands in it twice, and no stranger is in it."""
    ids = world.learn_ids()
    plan = plan_of(world.chargers[0])
    if set(plan) != ids:
        raise PromiseBrokenError(f"the plan has {', '.join(sorted(ids))}", shown(plan))


def require_one_of_two(world: PeersWorld, amps: float, reason: str, other_amps: float, other_reason: str) -> None:
    """One of the two has the first, the other has the second."""
    wanted = sorted([(amps, reason), (other_amps, other_reason)])

    def as_wanted(plan: Plan) -> bool:
        return sorted((round(given.amps, 1), given.reason) for given in plan.values()) == wanted

    eventually(
        lambda: plan_of(world.chargers[0]), as_wanted, 2 * world.cycle,
        f"one is given {amps:g} A {reason}, the other {other_amps:g} A {other_reason}", interval=LOOKS_APART, describe=shown,
    )  # fmt: skip


def drawing(world: PeersWorld) -> list[float]:
    """What each vehicle draws."""
    return [charger.station.amps() for charger in world.chargers]


def require_only_one_draws(world: PeersWorld) -> None:
    """One vehicle draws, and it stays so for a moment."""

    def one(amps: list[float]) -> bool:
        return sum(each > NOTHING for each in amps) == 1

    _require_settles(world, lambda: drawing(world), one, world.target.timings.allocation, "only one vehicle draws")


def be_left_alone(world: PeersWorld, cycles: int) -> None:
    """Look at the plan all the time for so many cycles; what was seen is remembered."""
    seen: list[dict[str, Given]] = []

    def look() -> dict[str, Given]:
        seen.append(plan_of(world.chargers[0]))
        return seen[-1]

    accept: Callable[[dict[str, Given]], bool] = bool
    steadily(look, accept, cycles * world.target.timings.allocation, "there is a plan", interval=LOOKS_APART, describe=shown)
    world.known["plans"] = seen


def require_not_moved(world: PeersWorld) -> None:
    """Nobody's current has moved by more than half an ampere meanwhile."""
    seen = world.known["plans"]
    assert isinstance(seen, list), "kept by be_left_alone"
    if len(seen) < 3:
        raise VoidError(f"the plan was looked at {len(seen)} times only")
    for identity in seen[0]:
        amps = [plan[identity].amps for plan in seen if identity in plan]
        if max(amps) - min(amps) > MOVED or len(amps) < len(seen):
            raise PromiseBrokenError(f"what {identity} is given stays while nothing changes", f"{min(amps):g} to {max(amps):g} A")


def require_turns(world: PeersWorld, within: float) -> None:
    """Every vehicle has drawn something since the controller has dealt with the last event: at first all draw that ask."""
    settled = world.moment + world.cycle
    eventually(
        lambda: [world.watch.drew(place, settled) for place in range(len(world.chargers))], all, within + world.cycle,
        f"each vehicle has drawn within {within:g} s", interval=LOOKS_APART,
    )  # fmt: skip


def require_never_together(world: PeersWorld) -> None:
    """No two vehicles draw at the same time for longer than a cycle."""
    both = world.watch.longest(lambda look: sum(amps > NOTHING for amps in look.amps) > 1, world.cycle)
    if both > world.cycle:
        raise PromiseBrokenError(f"no two draw at the same time for longer than {world.cycle:g} s", f"for {both:.2f} s")


def require_keeps_turn(world: PeersWorld, place: int, amps: float, during: float) -> None:
    """The vehicle there draws so much, and nobody else anything, for so long."""
    others = [one for one in world.chargers if one is not world.chargers[place]]

    def look() -> tuple[float, float]:
        return world.chargers[place].station.amps(), max(other.station.amps() for other in others)

    def as_wanted(seen: tuple[float, float]) -> bool:
        return abs(seen[0] - amps) <= MOVED and seen[1] <= NOTHING

    _require_settles(world, look, as_wanted, during, f"one vehicle draws {amps:g} A and the others nothing, for {during:g} s")


def _require_settles(
    world: PeersWorld, look: Callable[[], Seen], as_wanted: Callable[[Seen], bool], during: float, promised: str
) -> None:  # fmt: skip
    """What is looked at is as wanted for so long, and has come to that within two cycles: until then the boards are on their
    way, and may look so in passing."""
    settling = Deadline(2 * world.cycle)
    while True:
        eventually(look, as_wanted, settling, promised, interval=LOOKS_APART)
        try:
            steadily(look, as_wanted, during, promised, interval=LOOKS_APART)
        except PromiseBrokenError:
            if settling.expired:
                raise
        else:
            return


def require_waits(world: PeersWorld, charger: Charger) -> None:
    """Its vehicle waits and its board sleeps, or gives nothing."""
    charger.station.require_draws_nothing(2 * world.cycle)
    station = charger.station.station()
    if station.vehicle is State.NO_VEHICLE:
        raise VoidError("the vehicle that was to wait is not there")


def begin(world: PeersWorld) -> None:
    """From now on all boards are watched."""
    world.moment = monotonic()
    assert world.watch is not None, "begins when it is asked for"


def require_within_budget(world: PeersWorld) -> None:
    """All together never drew more than the circuit allows for longer than a cycle."""
    world.watch.require_never_exceeded(world.budget, world.target.timings.allocation + SLACK)
