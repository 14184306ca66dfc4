"""Calls of the slow tool that are begun, held against the agreed numbers and cancelled."""

import pytest
from gateway_parts import (
    address,
    answered,
    broken,
    call,
    failure,
    good,
    instead,
    listening,
    meeting,
    reference,
    result,
    world_of,
)

from support.gateway import calls_under_way as under_way
from support.gateway.asking import Asker
from support.gateway.checks import note_slow, require_all_ok, require_cancel
from support.gateway.conditions import parse_conditions
from support.gateway.party import Party
from support.gateway.setting_up import set_up_with
from support.gateway.talk import begin, finish, let_in
from support.gateway.tools import Tool
from support.kit.errors import VoidError


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        let_in(made, "Ada")
        yield made


def begun(world, *calls):
    """Calls that are under way, with what the slow ones were told."""
    world.under_way += calls
    return calls


# --- begun


def test_slow_calls_are_begun_and_not_waited_for(world):
    calls = under_way.begin_slow(world, world.client, [0.05, 0.06])
    assert world.under_way == calls
    assert [under_way.told(world, each) for each in calls] == [0.05, 0.06]
    under_way.require_all_answered(world, 2)
    under_way.require_answered_of(world, "Ada")
    with broken("3 calls are under way\nseen      2 calls"):
        under_way.require_all_answered(world, 3)
    under_way.require_all_answered(world, 1, skip=1)


def test_a_client_has_one_slow_call(world):
    (slow,) = under_way.begin_slow(world, world.client, [0.01])
    begin(world, world.client, [world.ask.fast()])
    assert under_way.slow_calls_of(world, "Ada") == [slow]


def test_a_gateway_without_a_slow_tool_is_asked_for_the_fast_one(tmp_path):
    tools = {"fast": Tool("status")}
    with listening() as url, world_of(address(url, tools=tools), tmp_path) as world:
        world.ask = Asker(tools)
        world.start()
        under_way.begin_any(world, let_in(world, "Ada"))
        assert world.under_way[0].tool == "status"
        under_way.require_all_answered(world, 1)


def test_a_slow_call_is_begun_where_there_is_one(world):
    under_way.begin_any(world, world.client)
    assert world.under_way[0].tool == "sleep"


# --- answered


def test_nothing_under_way_proves_nothing(world):
    with pytest.raises(VoidError, match="no call was under way"):
        under_way.require_all_answered(world)


@pytest.mark.parametrize(
    ("fields", "after", "told"),
    [
        (failure("TIMEOUT"), 0.3, "the call goes well"),
        (result(request_id="r-2"), 0.3, "request id"),
        (result(), 0.2, "takes 0.3 s\nseen      0.200 s"),
    ],
)
def test_a_call_under_way_that_does_not_go_well_is_told(world, fields, after, told):
    right, wrong = (note_slow(world, call(), 0.3) for _ in "ab")
    begun(world, answered(result(), asked=right, after=0.3), answered(fields, asked=wrong, after=after))
    with broken(told):
        under_way.require_all_answered(world, 2)


def test_the_last_call_of_a_client_that_fails_is_told(tmp_path):
    with meeting(tmp_path, instead("call_tool", failure("CANCELLED"))) as world:
        let_in(world, "Ada")
        under_way.begin_slow(world, world.client, [0.05])
        with broken("the call goes well"):
            under_way.require_answered_of(world, "Ada")


# --- full


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Our own gateway, with room for two calls of a session."""
    with world_of(reference(), tmp_path_factory.mktemp("full")) as made:
        wanted = parse_conditions("that runs 2 calls of a session at a time, without rate limits")
        set_up_with(made, Party(("Ada",)), wanted)
        yield made


@pytest.fixture
def ours(small, monkeypatch):
    monkeypatch.setattr(under_way, "FULL", 0.4)
    yield small
    finish(small, small.under_way)
    small.under_way.clear()


def test_a_session_is_filled_and_one_more_is_refused(ours):
    under_way.fill(ours, [(ours.client, 2)])
    under_way.one_more(ours, ours.client)
    with broken("the call goes well.*\nseen .*OVER_CAPACITY"):
        require_all_ok(ours.calls)
    under_way.again_when_answered(ours, 2)
    require_all_ok(ours.calls)


def test_a_gateway_that_runs_less_than_agreed_is_told(ours):
    with broken("calls up to the agreed number are under way\nseen .*OVER_CAPACITY"):
        under_way.fill(ours, [(ours.client, 3)])


def test_one_more_than_nothing_proves_nothing(ours):
    calls = under_way.begin_slow(ours, ours.client, [0.05])
    finish(ours, calls)
    with pytest.raises(VoidError, match="over before one more was made"):
        under_way.one_more(ours, ours.client)


def test_failed_and_refused_calls(ours):
    under_way.fail_and_be_refused(ours, 2, 1)
    assert ours.under_way == []


def test_a_gateway_that_refuses_nothing_is_told(world):
    world.asked["max_inflight_session"] = "2"
    with broken("fails with code OVER_CAPACITY"):
        under_way.fail_and_be_refused(world, 1, 1)


# --- cancelled


def test_a_cancelled_call_ends_and_leaves_its_place(ours):
    (slow,) = under_way.begin_slow(ours, ours.client, [5.0])
    under_way.cancel(ours, ours.client, slow)
    require_cancel(ours.cancelling, True)
    under_way.require_cancelled(ours, "CANCELLED", 2.0)
    with broken("fails with code TIMEOUT"):
        under_way.require_cancelled(ours, "TIMEOUT", 2.0)
    ours.under_way.clear()
    under_way.begin_slow(ours, ours.client, [5.0])
    under_way.cancel_then_use(ours)
    require_all_ok([ours.call])
    ours.under_way.clear()


def test_a_call_that_is_cancelled_late_is_told(world):
    slow, world.cancelling = call(), call("cancel", "c-1", sent_at=1.0)
    begun(world, answered(failure("CANCELLED"), asked=slow, after=1.5))
    under_way.require_cancelled(world, "CANCELLED", 0.5)
    with broken("ends within 0.4 s\nseen      after 0.50 s"):
        under_way.require_cancelled(world, "CANCELLED", 0.4)


def test_a_call_that_goes_on_is_told(world):
    (slow,) = under_way.begin_slow(world, world.client, [5.0])
    under_way.cancel(world, world.client, slow)
    with broken("every request is answered"):
        under_way.require_cancelled(world, "CANCELLED", 0.1)


def test_a_gateway_whose_place_is_never_free_is_told(tmp_path):
    def answer(request):
        own = {"request_id": request.get("request_id")}
        if request.get("op") == "cancel":
            return [{**failure("CANCELLED"), "request_id": request["target"]}, {"op": "cancel_res", "ok": True, **own}]
        if request.get("op") == "call_tool":
            return [] if request["arguments"].get("ms") == 5000 else [{**failure("OVER_CAPACITY"), **own}]
        return good(request)

    with meeting(tmp_path, answer) as world:
        let_in(world, "Ada")
        under_way.begin_slow(world, world.client, [5.0])
        with broken("the place of a cancelled call is free\nseen .*OVER_CAPACITY"):
            under_way.cancel_then_use(world)
