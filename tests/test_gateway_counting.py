"""The suite's own account, held against figures that are right and figures that are wrong in one place."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from gateway_parts import answered, broken, call, failed, meeting, result, showing, well

from support.gateway import counting
from support.gateway.talk import ask, let_in
from support.kit.errors import PromiseBrokenError
from support.kit.metrics import ScrapeError, parse

RIGHT = """\
# TYPE gateway_connections_total counter
gateway_connections_total 2
# TYPE gateway_connections_active gauge
gateway_connections_active 2
# TYPE gateway_messages_received_total counter
gateway_messages_received_total{op="hello"} 2
gateway_messages_received_total{op="ping"} 1
gateway_messages_received_total{op="call_tool"} 4
gateway_messages_received_total{op="invalid"} 1
gateway_messages_received_total{op="cancel"} 0
# TYPE gateway_messages_sent_total counter
gateway_messages_sent_total{op="hello_ack"} 2
gateway_messages_sent_total{op="pong"} 1
gateway_messages_sent_total{op="call_tool_res"} 4
gateway_messages_sent_total{op="error"} 1
# TYPE gateway_tool_calls_total counter
gateway_tool_calls_total{tool="status",outcome="ok"} 1
gateway_tool_calls_total{outcome="ok",tool="echo"} 1
gateway_tool_calls_total{tool="fail",outcome="tool_execution_error"} 1
gateway_tool_calls_total{tool="unknown",outcome="tool_not_found"} 1
"""
OTHERS = """\
gateway_connections_rejected_total{reason="address"} 5
gateway_connections_rejected_total{reason="total"} 2
gateway_auth_failures_total 3
gateway_repeats_total{kind="joined"} 1
gateway_repeats_total{kind="cached"} 2
gateway_breaker_transitions_total{provider="a",from="closed",to="open"} 1
gateway_provider_calls_total{provider="a",outcome="ok"} 4
gateway_provider_calls_total{provider="a",outcome="error"} 1
gateway_tool_latency_seconds_count{tool="sleep"} 2
gateway_tool_latency_seconds_sum{tool="sleep"} 0.61
gateway_tool_latency_seconds_count{tool="echo"} 7
"""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(counting, "COUNTING_LIMIT", 0.03)
    monkeypatch.setattr(counting, "STEADY", 0.02)


@contextmanager
def figures(folder, text=""):
    """A world whose gateway shows whatever text is in it."""
    shown = SimpleNamespace(text=text)
    with showing(lambda: shown.text() if callable(shown.text) else shown.text) as url, meeting(folder, metrics_url=url) as world:
        world.shown = shown
        yield world


def talk_a_little(world):
    """What RIGHT tells of."""
    ada, ben = let_in(world, "Ada"), let_in(world, "Ben")
    ask(world, ada, [world.ask.plain("ping"), world.ask.fast(), world.ask.request("a tool that is not")])
    ask(world, ben, [world.ask.echo("a"), world.ask.failing(), world.ask.bad("words that are no frame")])


# --- the account of what clients said and were told


def test_figures_that_tell_what_the_clients_know_pass(tmp_path):
    with figures(tmp_path, RIGHT) as world:
        talk_a_little(world)
        counting.require_account(world)
        counting.require_connections(world, 2, 2)


@pytest.mark.parametrize(
    ("was", "instead", "told"),
    [
        ('{op="ping"} 1', '{op="ping"} 2', "ping 2"),
        ('received_total{op="hello"} 2', 'received_total{op="hello"} 1', "hello 1"),
        ('received_total{op="ping"} 1\n', "received_total 1\n", "call_tool 4, hello 2, invalid 1 after"),
        ('{op="ping"}', '{op="Ping"}', "Ping 1"),
        ('{op="invalid"} 1', '{op="invalid"} 0', "call_tool 4, hello 2, ping 1 after"),
        ('{op="cancel"} 0', '{op="cancel"} 1', "cancel 1"),
        ('{op="pong"} 1', '{op="pong"} 0', "gateway_messages_sent_total: call_tool_res 4, error 1, hello_ack 2"),
        ('{op="hello_ack"} 2', '{op="hello_ack"} 1', "hello_ack 1"),
        ('{tool="status",outcome="ok"} 1', '{tool="status",outcome="ok"} 2', "status ok 2"),
        ('{tool="unknown"', '{tool="no_such_tool"', "no_such_tool tool_not_found 1"),
        ('outcome="tool_execution_error"', 'outcome="TOOL_EXECUTION_ERROR"', "fail TOOL_EXECUTION_ERROR 1"),
        ('outcome="tool_execution_error"', 'outcome="error"', "fail error 1"),
        ("connections_total 2", "connections_total 3", "gateway_connections_total: 3 after"),
        ("gateway_tool_calls_total{", "gateway_calls_total{", "gateway_tool_calls_total: nothing"),
    ],
)
def test_a_wrong_figure_is_told(tmp_path, was, instead, told):
    assert was in RIGHT
    with figures(tmp_path, RIGHT.replace(was, instead)) as world:
        talk_a_little(world)
        with broken(f"the gateway counts (.|\n)*seen      (.|\n)*{told}"):
            counting.require_account(world)


def test_only_what_was_added_since_the_figures_were_known_counts(tmp_path):
    with figures(tmp_path, RIGHT) as world:
        counting.note_figures(world)
        counting.require_calls(world, {})
        world.shown.text = RIGHT.replace('{tool="status",outcome="ok"} 1', '{tool="status",outcome="ok"} 3')
        counting.require_calls(world, {("status", "ok"): 2})
        with broken("status ok 3.*\nseen .*status ok 2"):
            counting.require_calls(world, {("status", "ok"): 3})


def test_what_is_counted_twice_a_moment_later_is_told(tmp_path):
    with figures(tmp_path) as world:
        looks = []

        def text():
            looks.append(1)
            return f'gateway_tool_calls_total{{tool="status",outcome="ok"}} {1 if len(looks) < 3 else 2}\n'

        world.shown.text = text
        with broken("status ok 1\nseen .*status ok 2 at look"):
            counting.require_calls(world, {("status", "ok"): 1})


def test_other_labels_are_summed_over(tmp_path):
    text = (
        'gateway_tool_calls_total{tool="a",outcome="ok",host="x"} 1\ngateway_tool_calls_total{tool="a",outcome="ok",host="y"} 2\n'
    )
    with figures(tmp_path, text) as world:
        counting.require_calls(world, {("a", "ok"): 3})


def test_figures_that_cannot_be_read_prove_nothing(tmp_path):
    with figures(tmp_path, "no figures") as world:
        with broken("ScrapeError"):
            counting.require_calls(world, {})
        with pytest.raises(ScrapeError):
            counting.require_not_measured(world, "sleep")


def test_the_figures_of_before_and_after_are_evidence(tmp_path):
    with figures(tmp_path, RIGHT) as world:
        counting.note_figures(world)
        counting.require_calls(world, {})
        assert {"metrics-before.txt", "metrics-after.txt"} <= {path.name for path in world.evidence.files()}


# --- which calls are counted how


def test_how_calls_are_counted():
    assert counting.outcome(well()) == "ok"
    assert counting.outcome(failed("OVER_CAPACITY")) == "over_capacity"
    stored = answered(result(from_cache=True))
    missing = answered({"op": "call_tool_res", "ok": False, "error": {"code": "TOOL_NOT_FOUND"}}, asked=call(tool="x"))
    client = SimpleNamespace(
        calls=[well(), well(), stored, missing, failed("CIRCUIT_OPEN"), answered({"op": "pong"}, asked=call("ping"))]
    )
    assert counting._calls([client]) == {("status", "ok"): 2, ("unknown", "tool_not_found"): 1, ("status", "circuit_open"): 1}


# --- single counters


def judge(look):
    """Whether the look goes well, or what it tells."""
    try:
        look()
    except PromiseBrokenError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            lambda w: counting.require_rejected(w, {"address": 5, "total": 2}),
            lambda w: counting.require_rejected(w, {"address": 5}),
        ),
        (lambda w: counting.require_refused_tokens(w, 3), lambda w: counting.require_refused_tokens(w, 2)),
        (lambda w: counting.require_repeats(w, 1, 2), lambda w: counting.require_repeats(w, 2, 1)),
        (
            lambda w: counting.require_transitions(w, {("closed", "open"): 1}),
            lambda w: counting.require_transitions(w, {("closed", "open"): 1, ("open", "half_open"): 1}),
        ),
        (
            lambda w: counting.require_provider_calls(w, {"ok": 4, "error": 1, "timeout": 0}),
            lambda w: counting.require_provider_calls(w, {"ok": 4, "timeout": 1}),
        ),
        (lambda w: counting.require_not_measured(w, "fail"), lambda w: counting.require_not_measured(w, "sleep")),
    ],
    ids=["rejected", "refused tokens", "repeats", "transitions", "provider calls", "not measured"],
)
def test_each_counter_is_exact(tmp_path, right, wrong):
    with figures(tmp_path, OTHERS) as world:
        world.providers["first"] = SimpleNamespace(name="a")
        assert judge(lambda: right(world)) == ""
        assert "promised  the gateway " in judge(lambda: wrong(world))


def test_figures_of_another_provider_are_not_the_first_ones(tmp_path):
    with figures(tmp_path, OTHERS) as world:
        world.providers["first"] = SimpleNamespace(name="b")
        with broken("b ok 4.*\nseen .*a error 1, a ok 4"):
            counting.require_provider_calls(world, {"ok": 4})
        with broken("b closed open 1"):
            counting.require_transitions(world, {("closed", "open"): 1})


def test_connections_are_counted_in_all_and_now(tmp_path):
    with figures(tmp_path, "gateway_connections_total 5\ngateway_connections_active 2\n") as world:
        counting.require_connections(world, 5, 2)
        for total, active in ((4, 2), (5, 3), (5, 0)):
            with broken("gateway_connections"):
                counting.require_connections(world, total, active)


# --- measured times


@pytest.mark.parametrize(
    ("count", "planted", "slow", "told"),
    [
        (2, 0.6, 0.3, ""),
        (2, 0.61, 0.3, ""),
        (2, 0.5, 0.305, ""),
        (3, 0.6, 0.3, "measured 3 times of sleep\nseen      2"),
        (1, 0.6, 0.3, "measured 1 times of sleep\nseen      2"),
        (2, 0.7, 0.3, "add up to 0.7 s within 5 %\nseen      0.610 s"),
        (2, 0.5, 0.25, "add up to 0.5 s within 5 %\nseen      0.610 s"),
    ],
)
def test_measured_times_add_up_to_what_was_planted(tmp_path, count, planted, slow, told):
    with figures(tmp_path, OTHERS) as world:
        world.calls = [well(after=slow), well(after=slow)]
        seen = judge(lambda: counting.require_measured(world, "sleep", count, planted, 5))
        assert told in seen
        assert bool(told) == bool(seen)


def test_no_time_is_measured_of_a_tool_that_did_not_run(tmp_path):
    with figures(tmp_path, OTHERS) as world:
        counting.require_not_measured(world, "status")
        counting.note_figures(world)
        counting.require_not_measured(world, "sleep")
        world.shown.text = OTHERS.replace('_count{tool="sleep"} 2', '_count{tool="sleep"} 3')
        with broken("no time of sleep\nseen      1"):
            counting.require_not_measured(world, "sleep")


def test_an_account_is_told_in_one_line():
    assert counting._told({("b",): 2.0, ("a", "ok"): 1, ("c",): 0}) == "a ok 1, b 2"
    assert counting._told({}) == "nothing"
    assert counting._added(parse("x 3\n"), "x", ()) == {(): 3.0}
