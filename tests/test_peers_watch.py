"""Watching all boards of a group, and a long day of it: what was seen is judged, and too few looks say nothing."""

from itertools import pairwise

import pytest
from peers_parts import allocation, boards, broken, impatient, littles, look, ok, void, world_of  # noqa: F401

from support.kit.deadline import eventually
from support.peers import long_day, sharing
from support.peers.long_day import Day
from support.peers.protocol import State
from support.peers.watch import LOOKS_APART, Watch

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def watched():
    """A watch that has seen these looks, and sees no more."""

    def made(*looks):
        watch = Watch([])
        watch.end()
        watch._looks[:] = looks
        return watch

    return made


@pytest.fixture
def group(tmp_path):
    with boards(tmp_path, 2) as (world, _, littles):
        yield world, littles


def test_boards_are_looked_at_again_and_again(group):
    world, (first, last) = group
    first.draws(6)
    last.is_in(State.ASLEEP)
    watch = world.watch
    looks = watch.enough()
    assert len(looks) >= 3
    assert [(each.amps, each.total) for each in looks[:3]] == [((6.0, 0.0), 6.0)] * 3
    assert [station.state for station in looks[0].stations] == [State.NO_VEHICLE, State.ASLEEP]
    assert all(before.ended + LOOKS_APART <= after.begun + 0.01 for before, after in pairwise(looks))
    watch.end()
    count = len(watch.looks)
    assert watch.since(looks[1].begun) == watch.looks[1:]
    assert len(watch.looks) == count
    assert (watch.drew(0), watch.drew(1), watch.drew(0, watch.looks[-1].begun + 1)) == (True, False, False)


def test_what_kept_it_from_looking_is_told(group):
    world, (first, _) = group
    watch = world.watch
    first.says("GS", ok("no"))
    with broken(r"\$GS is answered with state"):
        eventually(lambda: watch.looks, lambda _: False, 3.0, "the watch tells")


def test_too_few_looks_say_nothing(watched):
    few = watched(look(0.0, 6.0), look(0.1, 6.0))
    with void("looked at 2 times only"):
        few.require_never_exceeded(32, 1.0)
    with void("looked at 2 times only"):
        few.longest(lambda each: True)


def test_the_longest_time_is_reckoned_short(watched):
    watch = watched(*(look(at, amps) for at, amps in ((0, 6), (1, 9), (2, 9), (3, 6), (4, 9), (5, 9), (6, 9), (7, 6))))
    assert watch.longest(lambda each: each.total > 8) == pytest.approx(1.98)
    assert watch.longest(lambda each: each.total > 6) == pytest.approx(1.98)
    assert watch.longest(lambda each: each.total > 10) == 0.0


def test_a_circuit_is_exceeded_for_too_long(watched):
    watch = watched(look(0, 16, 16), look(1, 16, 16.4), look(2, 20, 16), look(3, 18, 16), look(4, 16, 16))
    watch.require_never_exceeded(32, 1.0)
    with broken("all together draw more than 32 A for no longer than 0.5 s\nseen      more for 0.98 s, 36.0 A at most"):
        watch.require_never_exceeded(32, 0.5)


def test_a_circuit_that_is_exceeded_still_is_looked_at_until_it_is_clear(group):
    world, (first, last) = group
    first.draws(20)
    last.draws(20)
    world.budget = 32
    with broken("all together draw more than 32 A for no longer than 0.3 s"):
        sharing.require_within_budget(world)
    assert all(each.total == 40 for each in world.watch.looks)


def test_a_circuit_that_is_exceeded_for_a_moment_is_forgiven(group):
    world, (first, last) = group
    world.budget = 32
    first.draws(20, 20, 16)
    last.draws(16)
    sharing.require_within_budget(world)
    assert world.watch.looks[-1].total == 32


def test_no_two_draw_together(group):
    world, (first, last) = group
    first.draws(6)
    sharing.require_never_together(world)
    last.draws(6)
    with broken("no two draw at the same time for longer than 0.3 s"):
        eventually(lambda: sharing.require_never_together(world), lambda _: False, 3.0, "it is told")


def test_everybody_has_a_turn(group):
    world, (first, last) = group
    first.draws(6)
    last.draws(*[0] * 6, 6, 0)
    sharing.begin(world)
    sharing.require_turns(world, 3.0)
    last.draws(6, 6, 0)
    sharing.begin(world)
    with broken(r"each vehicle has drawn within 0.6 s\nseen      \[True, False\]"):  # at first all draw that ask
        sharing.require_turns(world, 0.6)


# --- a long day


def day_of(world, **fields):
    world.day = Day(**fields)
    return world


def test_everybody_is_in_every_plan(tmp_path):
    with littles(tmp_path, 2) as (world, _):
        day_of(world, events=["0 comes"], plans=[["aa01", "aa02"]] * 2)
        long_day.require_everybody_each_time(world)
        for wrong in (["aa01"], ["aa01", "aa02", "ff"]):
            world.day.plans[1:] = [wrong]
            with broken("the plan has .*aa01.*aa02.*"):
                long_day.require_everybody_each_time(world)
        world.day.events *= 3
        with void("looked at 2 times only"):
            long_day.require_everybody_each_time(world)


def test_nobody_starves(tmp_path):
    with world_of(tmp_path) as world:
        long_day.require_nobody_starved(day_of(world, wants={0, 1}, served={0, 1}))
        with broken(r"everybody who wants current gets some in turn\nseen      nothing for \[1\]"):
            long_day.require_nobody_starved(day_of(world, wants={0, 1}, served={0}))
        with void("nobody wanted current"):
            long_day.require_nobody_starved(day_of(world))


@pytest.mark.parametrize("asleep", [State.ASLEEP, State.DISABLED])
def test_nobody_draws_asleep(tmp_path, watched, asleep):
    sleeping, charging = [State.CHARGING, asleep], [State.CHARGING, State.CHARGING]
    with world_of(tmp_path) as world:
        woken = [look(0, 6, 0, states=sleeping), look(1, 6, 6, states=sleeping), look(2, 6, 6, states=charging)]
        world.watching = watched(*woken)
        long_day.require_none_drew_asleep(world)
        world.watching = watched(*woken[:2], look(2, 6, 0, states=sleeping))
        with broken("no vehicle draws while its board sleeps\nseen      6 A at board 1"):
            long_day.require_none_drew_asleep(world)
        world.watching = watched(*woken[:1])
        with void("1 times only"):
            long_day.require_none_drew_asleep(world)


def test_a_day_is_the_same_for_the_same_seed_and_all_of_it_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(long_day, "PAUSE", (0.0, 0.01))
    monkeypatch.setattr(long_day, "TURN", 0.05)
    days = []
    for _ in range(2):
        with boards(tmp_path, 2) as (world, nodes, _):
            nodes[0].sharing["allocations"] = [allocation("aa01", 6), allocation("aa02", 6)]
            long_day.live_through(world, 12, 20)
            long_day.require_everybody_each_time(world)
            days.append(world.day)
            assert (world.evidence.folder / "events.txt").read_text().count("\n") == 11
    assert days[0].events == days[1].events
    assert len(set(days[0].events)) > 4
    assert days[0].wants <= days[0].connected
    assert days[0].served == days[0].wants
