"""What is there when a scenario of the chargers begins, in the words of the feature files."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from support.peers.plan import CONTROLLER, Plan

SECRET = "the-group-of-the-north-garage"
SAFE = 6
"""Amperes that a member falls back to, and that an offline one is reckoned with (contract)."""
MORE_IMPORTANT, LESS_IMPORTANT = 1, 5


@dataclass(frozen=True)
class Setup:
    """What is wanted. group: the chargers share a circuit of `budget` amperes. led: the suite is
    the controller. set_to: keys set once all of them run."""

    plans: tuple[Plan, ...]
    group: bool = False
    budget: float = 0.0
    charging: bool = False
    know: bool = False
    mutual: bool = False
    quiet: bool = False
    led: bool = False
    secret: str = ""
    set_to: tuple[tuple[str, str], ...] = ()

    def each(self, change: Callable[[Plan], Plan]) -> "Setup":
        """This one with every plan changed."""
        return replace(self, plans=tuple(map(change, self.plans)))


@dataclass
class _Rest:
    """What is not read yet of a phrase."""

    text: str
    taken: list[str] = field(default_factory=list)

    def take(self, pattern: str) -> re.Match[str] | None:
        match = re.match(pattern, self.text)
        if match:
            self.text = self.text[match.end() :]
        return match


def parse_setup(text: str) -> Setup:
    """`2 chargers that know each other`, `a group of 2 chargers on 32 A, ...`. ValueError for what is not known."""
    rest = _Rest(text.strip())
    setup = _group(rest) or _member(rest) or _several(rest) or _one(rest)
    if setup is None or rest.text:
        raise ValueError(f"no chargers are known as {text!r}")
    return setup


def _group(rest: _Rest) -> Setup | None:
    match = rest.take(r"a group of (\d+) chargers on (\d+) A")
    if not match:
        return None
    count, amps = int(match[1]), float(match[2])
    controller = Plan(board=True).with_settings(enabled=True, role="controller", group_max_current=amps, rotation_interval=0)
    setup = Setup((controller, *[_a_member(board=True)] * (count - 1)), group=True, budget=amps)
    while more := rest.take(
        r",? (?:of which ([\d.]+) may be used|of which the (first|last) is more important"
        r"|who take turns every (\d+) s|(that stop when one is offline))"
    ):
        setup = _with(setup, *more.groups())
    return setup


def _with(setup: Setup, part: str | None, favoured: str | None, turn: str | None, stop: str | None) -> Setup:
    first, *others = setup.plans
    if part:
        return replace(setup, plans=(first.with_settings(safety_factor=float(part)), *others), budget=setup.budget * float(part))
    if favoured:
        best = 0 if favoured == "first" else len(setup.plans) - 1
        ranks = [MORE_IMPORTANT if number == best else LESS_IMPORTANT for number in range(len(setup.plans))]
        return replace(
            setup, plans=tuple(plan.with_settings(priority=rank) for plan, rank in zip(setup.plans, ranks, strict=True))
        )
    if turn:
        return replace(setup, plans=(first.with_settings(rotation_interval=int(turn)), *others))
    assert stop, "one of the four was found"
    return setup.each(lambda plan: plan.with_settings(failsafe_mode="disable"))


def _a_member(*, board: bool, controller: str = CONTROLLER) -> Plan:
    return Plan(board=board).with_settings(enabled=True, role="member", controller_host=controller, failsafe_safe_current=SAFE)


def _member(rest: _Rest) -> Setup | None:
    match = rest.take(r"a member( with its board, whose vehicle charges)?")
    if not match:
        return None
    # The suite itself is the controller of a single member: it speaks from this address.
    setup = Setup((_a_member(board=bool(match[1]), controller="127.0.0.1"),), charging=bool(match[1]), led=bool(match[1]))
    if rest.take(r", and that stops when it hears nothing"):
        setup = setup.each(lambda plan: plan.with_settings(failsafe_mode="disable"))
    if rest.take(r", in a group with a secret"):
        setup = replace(setup.each(lambda plan: plan.with_settings(secret=SECRET)), secret=SECRET)
    return setup


def _several(rest: _Rest) -> Setup | None:
    match = rest.take(r"(\d+) chargers")
    if not match:
        return None
    count = int(match[1])
    if rest.take(r" without names"):
        return Setup((Plan(name=None),) * count)
    if named := rest.take(r" that both want to be called \"([\w-]+)\""):
        return Setup((Plan(name=named[1]),) * count)
    setup = Setup((Plan(),) * count)
    if rest.take(r" that know each other"):
        return replace(setup, know=True)
    if rest.take(r" that have added each other"):
        return replace(setup, mutual=True)
    return setup


def _one(rest: _Rest) -> Setup | None:
    if not rest.take(r"a charger"):
        return None
    if rest.take(r" and a quiet host"):
        return Setup((Plan(),), quiet=True)
    if told := rest.take(r" that is also told \"(\w+)\" is \"([^\"]*)\""):
        return Setup((Plan(settings=((told[1], told[2]),)),))
    if was_set := rest.take(r" whose \"(\w+)\" was set to \"([^\"]*)\""):
        return Setup((Plan(),), set_to=((was_set[1], was_set[2]),))
    board = bool(rest.take(r" with its board"))
    return Setup((Plan(board=board),), charging=board and bool(rest.take(r", whose vehicle charges")))
