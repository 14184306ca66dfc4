"""What is promised of a provider's breaker, with made-up answers; and how it is driven."""

from types import SimpleNamespace

import pytest
from gateway_parts import (
    answered,
    broken,
    cut_off,
    failed,
    failure,
    good,
    instead,
    meeting,
    reference,
    result,
    showing,
    well,
    world_of,
)

from support.gateway import circuit
from support.gateway.conditions import parse_conditions
from support.gateway.party import Party
from support.gateway.setting_up import set_up_with
from support.gateway.talk import let_in
from support.kit.deadline import eventually
from support.kit.errors import DeclinedError, VoidError

VALUE = "value of lamp"


def blocked(retry=1.0, **times):
    return failed("CIRCUIT_OPEN", retry=retry, **times)


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        made.asked["breaker_recovery"] = "2"
        yield made


# --- answers


def test_blocked_calls_say_when_to_try_again(world):
    circuit.require_blocked(world, [blocked(), blocked(2)])
    for calls, told in (
        ([], "calls are blocked\nseen      there was none"),
        ([blocked(), well(VALUE)], "with code CIRCUIT_OPEN"),
        ([failed("TIMEOUT", retry=1)], "with code CIRCUIT_OPEN"),
        ([blocked(None)], "after how many seconds"),
        ([blocked(2.5)], "after at most 2 s\nseen      after 2.5 s"),
    ):
        with broken(told):
            circuit.require_blocked(world, calls)


def test_look_ups_get_their_value():
    circuit.require_values([well(VALUE), well(VALUE)])
    with broken("the output is 'value of lamp'"):
        circuit.require_values([well(VALUE), well("value of hall")])
    with broken("goes well"):
        circuit.require_values([blocked()])
    with pytest.raises(VoidError):
        circuit.require_values([])


def test_some_go_well_and_some_fail():
    circuit.require_split([well(VALUE), blocked(), well(VALUE)], 2, 1, "CIRCUIT_OPEN")


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ([well(VALUE), blocked()], "1 went well and 1 failed so"),
        ([well(VALUE), well(VALUE), well(VALUE)], "3 went well and 0 failed so"),
        ([well(VALUE), well(VALUE), failed("TIMEOUT")], "the first other: .*TIMEOUT"),
        ([well(VALUE), well(VALUE), blocked(), well("another")], "the first other: .*another"),
        ([well(VALUE), answered(result(VALUE, ok=False)), blocked()], "1 went well"),
        ([well(VALUE), answered(result(VALUE, request_id="r-2")), blocked()], "request id"),
        ([well(VALUE), well(VALUE), cut_off()], "ended first"),
    ],
)
def test_another_split_is_told(calls, told):
    with broken(told):
        circuit.require_split(calls, 2, 1, "CIRCUIT_OPEN")


def test_half_of_the_answers_are_quick(world):
    world.calls = [blocked(after=0.001), blocked(after=0.002), blocked(after=9.0)]
    circuit.require_quick(world, 5)
    assert world.evidence.warnings == []
    circuit.require_quick(world, 2)
    assert world.evidence.warnings == ["half of the answers come in less than 2 ms: median 2.00 ms"]
    assert world.evidence.numbers[0].value == pytest.approx(2.0)


# --- states


def test_a_breaker_goes_as_agreed(world):
    world.states = ["closed", "open", "half_open", "closed"]
    circuit.require_states(world, "closed -> open -> half-open -> closed")
    for other in ("closed -> open -> closed", "closed -> open -> half-open -> open", "closed"):
        with broken("seen      closed -> open -> half_open -> closed"):
            circuit.require_states(world, other)


def state(**values):
    return "".join(
        f'gateway_breaker_state{{provider="{name.partition("_in_")[0]}",state="{name.partition("_in_")[2]}"}} {value}\n'
        for name, value in values.items()
    )


def shown_state(folder, text):
    with showing(lambda: text) as url, meeting(folder, metrics_url=url) as world:
        world.providers["first"] = SimpleNamespace(name="a")
        return circuit.await_one_state(world)


@pytest.fixture
def short_wait(monkeypatch):
    monkeypatch.setattr(circuit, "STATE_LIMIT", 0.03)


def test_the_one_state_is_shown(tmp_path, short_wait):
    text = state(a_in_closed=0, a_in_open=1, a_in_half_open=0, b_in_closed=1)
    assert shown_state(tmp_path, text) == "open"
    assert shown_state(tmp_path, state(a_in_half_open=1)) == "half_open"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (state(a_in_closed=1, a_in_open=1), "closed, open"),
        (state(a_in_closed=0, a_in_open=0), "none"),
        (state(b_in_closed=1), "none"),
        (state(a_in_closed=2), "none"),
        ('gateway_breaker_state{provider="a"} 1\n' + state(a_in_open=1), "open"),
        ("no figures", "ScrapeError"),
    ],
)
def test_no_state_or_two_are_told(tmp_path, short_wait, text, seen):
    with broken(f"in one state\nseen .*{seen}"):
        shown_state(tmp_path, text)


# --- when and how often


def test_the_moment_of_opening_lies_between_the_question_and_its_answer(world):
    world.providers["first"] = SimpleNamespace(reached=5)
    circuit.note_opening(world, "first", failed("TIMEOUT", sent_at=10.0, after=0.3))
    assert world.moments["opened at the earliest"] == 10.0
    assert world.moments["opened at the latest"] == pytest.approx(10.3)
    assert world.reached_at_opening == {"first": 5}


def test_a_gateway_elsewhere_has_a_token_of_its_own(world):
    with pytest.raises(DeclinedError, match="neither starts it nor chooses its token"):
        circuit.require_own_token(world)


def test_an_unknown_mistake_is_told(world):
    with pytest.raises(ValueError, match="'sings'"):
        circuit.make_mistakes(world, "sings", 1)


class Counted:
    """A provider that is said to be reached with each call of its tool."""

    name = "a"

    def __init__(self):
        self.reached = 0

    def plant(self, trouble):
        assert trouble == "takes 6 s"

    def answer(self, request):
        own = {"request_id": request.get("request_id")}
        if request.get("op") == "cancel":
            return [{**failure("CANCELLED"), "request_id": request["target"]}, {"op": "cancel_res", "ok": False, **own}]
        self.reached += request.get("op") == "call_tool"
        return [] if request.get("op") == "call_tool" else good(request)


def test_a_look_up_whose_cancelling_is_declined_is_told(tmp_path):
    provider = Counted()
    with meeting(tmp_path, provider.answer) as world:
        world.providers["first"] = provider
        let_in(world, "Ada")
        with broken("the cancelling of a look-up is confirmed"):
            circuit.make_mistakes(world, "cancels a look-up", 1)


def test_a_breaker_that_opens_early_is_told(tmp_path):
    with meeting(tmp_path, instead("call_tool", failure("CIRCUIT_OPEN"))) as world:
        world.providers["first"] = SimpleNamespace(name="a", plant=lambda _: None)
        let_in(world, "Ada")
        with broken("fails with code TOOL_EXECUTION_ERROR or TIMEOUT\nseen .*CIRCUIT_OPEN"):
            circuit.open_breaker(world)


# --- with our own gateway: its breaker, and promises that it does not keep

RECOVERY = 0.5


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    wanted = f"that opens its breaker after 2 failures for {RECOVERY} s and gives a provider 1 s, without rate limits"
    with world_of(reference(), tmp_path_factory.mktemp("circuit")) as made:
        set_up_with(made, Party(("the client",)), parse_conditions(wanted))
        yield made


@pytest.fixture
def driven(running):
    """With a provider that is well and a breaker that is closed."""
    running.provider.heal()
    running.states.clear()
    eventually(lambda: circuit.look_up(running, 1)[0], lambda call: call.answer.ok, 3 * RECOVERY, "well", interval=0.05)
    circuit.succeed(running, 2)
    return running


def test_a_breaker_opens_and_closes(driven):
    circuit.open_breaker(driven)
    circuit.look_up_until(driven, RECOVERY * 0.8)
    circuit.require_blocked(driven, driven.calls)
    circuit.require_reached_since_opening(driven, 0)
    circuit.require_struck(driven, 2)
    driven.provider.heal()
    circuit.wait_since_opening(driven, RECOVERY * 1.1)
    circuit.succeed(driven, 2)
    assert circuit.await_one_state(driven) == "closed"
    with broken("reached 0 times\nseen      2 times"):
        circuit.require_reached_since_opening(driven, 0)


def test_its_states_are_noted_once_each(driven):
    driven.provider.plant("resets every connection")
    circuit.go_all_the_way_round(driven)
    circuit.require_states(driven, "closed -> open -> half-open -> closed")


def test_a_breaker_that_is_not_open_is_told(driven):
    with broken("fails with code CIRCUIT_OPEN"):
        circuit.require_still_open(driven, "first")


def test_a_breaker_that_opens_late_is_told(driven, monkeypatch):
    monkeypatch.setitem(driven.asked, "breaker_failures", "1")
    with broken("fails with code CIRCUIT_OPEN\nseen .*TOOL_EXECUTION_ERROR"):
        circuit.open_breaker(driven)


@pytest.mark.parametrize("mistake", ["looks up nothing", "calls a tool that is not", "cancels a look-up"])
def test_the_callers_mistakes_leave_it_closed(driven, mistake):
    circuit.make_mistakes(driven, mistake, 2)
    circuit.succeed(driven, 1)


def test_a_provider_that_fails_is_told_where_it_was_to_be_well(driven):
    driven.provider.plant("answers with garbage")
    with broken("the call goes well"):
        circuit.require_values(circuit.look_up_at_once(driven, 1))


def test_any_trouble_opens_it_and_a_probe_that_fails_opens_it_again(driven):
    circuit.open_breaker(driven, trouble="answers with garbage")
    circuit.wait_since_opening(driven, RECOVERY * 1.1)
    before = driven.moments["opened at the latest"]
    circuit.fail_as_probe(driven)
    assert driven.moments["opened at the latest"] > before
    circuit.require_still_open(driven, "first")
