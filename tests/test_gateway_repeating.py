"""Looking up and looking up again, with our own gateway and its provider; and what is promised of it."""

import pytest
from gateway_parts import broken, failed, instead, meeting, reference, result, well, world_of

from support.gateway import circuit, repeating
from support.gateway.checks import require_stored
from support.gateway.conditions import parse_conditions
from support.gateway.party import Party
from support.gateway.setting_up import set_up_with
from support.gateway.talk import add_link, let_in
from support.kit.errors import VoidError


@pytest.fixture(scope="module")
def driven(tmp_path_factory):
    with world_of(reference(), tmp_path_factory.mktemp("repeating")) as made:
        set_up_with(made, Party(), parse_conditions("with a provider, without rate limits"))
        yield made


@pytest.fixture
def world(driven):
    """With a client of its own behind a link, and a provider that is well."""
    driven.provider.heal()
    driven.links.clear()
    add_link(driven, "Ada")
    let_in(driven, "Ada")
    driven.calls.clear()
    driven.under_way.clear()
    yield driven
    for client in driven.opened:
        if client.closing is None:
            client.say_goodbye()


def test_all_get_the_value():
    repeating.require_all_get([well("a"), well("a")], "a", 2)
    for calls, told in (
        ([well("a")], "2 calls are answered\nseen      1"),
        ([well("a"), well("b")], "the output is 'a'"),
        ([well("a"), failed("TIMEOUT")], "the call goes well"),
    ):
        with broken(told):
            repeating.require_all_get(calls, "a", 2)


def test_a_look_up_that_goes_well_and_its_repeat(world):
    reached = world.provider.reached
    repeating.look_up_well(world, world.client, "lamp", "r-1")
    require_stored(repeating.look_up(world, world.client, "lamp", "r-1"), True)
    repeating.require_gets(world, "Ada", "value of lamp")
    world.provider.require_reached(1, since=reached)
    with broken("the output is 'value of hall'"):
        repeating.require_gets(world, "Ada", "value of hall")


def test_a_look_up_in_vain(world):
    world.provider.plant("resets the connection")
    repeating.look_up_in_vain(world, "lamp", "r-1")
    world.provider.heal()
    with broken("the call fails with code"):
        repeating.look_up_in_vain(world, "lamp", "r-2")
    world.provider.plant("answers with garbage")
    with broken("the call goes well"):
        repeating.look_up_well(world, world.client, "lamp", "r-3")


def test_the_same_at_once_is_asked_once(world):
    reached = world.provider.reached
    world.provider.plant("takes 0.4 s")
    repeating.look_up_twice(world, "lamp", "r-1")
    repeating.require_all_get(world.calls, "value of lamp", 2)
    world.provider.require_reached(1, since=reached)


class Slow:
    """A provider that is said to be reached only when its look-ups are over."""

    def __init__(self, world):
        self.world = world

    @property
    def reached(self):
        return sum(call.over for call in self.world.client.calls if call.op == "call_tool")


def test_two_at_once_that_are_not_at_once_prove_nothing(tmp_path):
    with meeting(tmp_path, instead("call_tool", result("value of lamp"))) as world:
        let_in(world, "Ada")
        world.providers["first"] = Slow(world)
        with pytest.raises(VoidError, match="over before the second"):
            repeating.look_up_twice(world, "lamp", "r-1")


def test_a_look_up_that_reaches_no_provider_is_told(world, monkeypatch):
    monkeypatch.setattr(circuit, "REACH_LIMIT", 0.1)
    repeating.look_up_well(world, world.client, "lamp", "r-1")
    with broken("a look-up reaches its provider\nseen      it did not, .*value of lamp"):
        repeating.begin_to_look_up(world, world.client, "lamp", "r-1")


@pytest.mark.parametrize("meanwhile", [True, False])
def test_an_answer_that_was_lost_is_had_again(world, meanwhile):
    reached = world.provider.reached
    world.provider.plant("takes 0.4 s")
    repeating.begin_to_look_up(world, world.client, "lamp", "r-1")
    repeating.cut_and_ask_again(world, meanwhile=meanwhile)
    repeating.require_gets(world, "Ada", "value of lamp")
    world.provider.require_reached(1, since=reached)


@pytest.mark.parametrize(("seconds", "after"), [(0.2, 0.4), (0.6, 0.2)])
def test_a_slow_answer_that_was_lost_is_had_again(world, seconds, after):
    repeating.begin_slow_and_wait(world, seconds, 0.0)
    repeating.cut_wait_and_repeat_slow(world, after)
    assert world.call.answer.ok
    require_stored(world.call, seconds < after)


def test_a_link_that_is_cut_too_late_proves_nothing(world):
    repeating.look_up_well(world, world.client, "lamp", "r-1")
    with pytest.raises(VoidError, match="over before its link was cut"):
        repeating.cut_and_ask_again(world, meanwhile=False)


def test_who_comes_back_looks_up_under_its_session(world):
    repeating.look_up_well(world, world.client, "lamp", "r-1")
    world.client.say_goodbye()
    repeating.come_back_and_look_up(world, "lamp", "r-1")
    require_stored(world.call, True)


def test_a_text_is_given_back_again(world):
    repeating.give_back_well(world, world.client, "ñ", "r-1")
    repeating.come_back_and_give_back(world, "ñ", "r-1")
    require_stored(world.call, True)


def test_another_text_is_told(tmp_path):
    with meeting(tmp_path, instead("call_tool", result("n"))) as world:
        let_in(world, "Ada")
        with broken("the output is 'ñ'"):
            repeating.give_back_well(world, world.client, "ñ", "r-1")


def test_a_call_of_the_failing_tool_fails(world, tmp_path):
    repeating.fail(world, "r-1")
    with meeting(tmp_path, instead("call_tool", result())) as other, broken("fails with code TOOL_EXECUTION_ERROR"):
        let_in(other, "Ada")
        repeating.fail(other, "r-1")


def test_a_slow_call_is_repeated_while_it_is_under_way(world):
    repeating.begin_slow_and_wait(world, 0.4, 0.05)
    repeating.repeat_slow(world)
    assert [call.answer.ok for call in world.calls] == [True, True]
    with pytest.raises(VoidError, match="over before its repeat"):
        repeating.repeat_slow(world)
