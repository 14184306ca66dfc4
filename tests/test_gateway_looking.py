"""What monitoring programs see, right and wrong: the form of the figures, health, a session's own figures."""

import math
import time
from types import SimpleNamespace

import pytest
from gateway_parts import answered, broken, cut_off, frame, good, meeting, showing, well

from support.gateway import looking
from support.gateway.talk import let_in
from support.kit.errors import DeclinedError

FORM = """\
# HELP gateway_connections_total Upgrades.
# TYPE gateway_connections_total counter
gateway_connections_total 1.0
# TYPE gateway_connections_active gauge
gateway_connections_active 1
# TYPE gateway_messages_received_total counter
gateway_messages_received_total{op="hello"} 1
gateway_messages_received_total{op="ping"} 1
# TYPE gateway_messages_sent_total counter
gateway_messages_sent_total{op="pong"} 1
# TYPE gateway_tool_calls_total counter
gateway_tool_calls_total{tool="status",outcome="ok"} 1
# TYPE gateway_tool_latency_seconds histogram
gateway_tool_latency_seconds_bucket{tool="status",le="0.1"} 1
gateway_tool_latency_seconds_bucket{tool="status",le="+Inf"} 1
gateway_tool_latency_seconds_sum{tool="status"} 0.01
gateway_tool_latency_seconds_count{tool="status"} 1
"""
HISTOGRAM = "# TYPE gateway_tool_latency_seconds histogram\n"
COUNTER = "# TYPE gateway_connections_total counter\n"
CALL = 'gateway_tool_calls_total{tool="status",outcome="ok"} 1\n'


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        ("", ""),
        ("# HELP gateway_connections_total Upgrades.\n", ""),
        (COUNTER, "# TYPE gateway_connections counter\n"),
        (COUNTER, "#   TYPE\tgateway_connections_total   counter \n"),
        (CALL, 'gateway_tool_calls_total{outcome="ok",tool="status"} 1 1700000000000\n'),
        (CALL, ""),
        (HISTOGRAM, "\n# a remark\n" + HISTOGRAM),
        ("# TYPE gateway_tool_calls_total", "# TYPE python_info gauge\npython_info 1\n# TYPE gateway_tool_calls_total"),
        ("gateway_connections_active 1\n", "gateway_connections_active 1\n# TYPE gateway_connections_created gauge\n"
         "gateway_connections_created 1.7e9\n"),
        ('_count{tool="status"} 1\n', '_count{tool="status"} 1\ngateway_tool_latency_seconds_created{tool="status"} 1.7e9\n'),
        ('_count{tool="status"} 1\n', '_count{tool="status"} 1\n# TYPE gateway_tool_latency_seconds_created gauge\n'
         'gateway_tool_latency_seconds_created{tool="status"} 1.7e9\n'),
        ("gateway_connections_active 1\n", "  gateway_connections_active\t1  \n"),
    ],
)  # fmt: skip
def test_figures_in_the_agreed_form_pass(was, instead):
    assert was in FORM
    looking.require_form(FORM.replace(was, instead, 1))


@pytest.mark.parametrize(
    ("was", "instead", "told"),
    [
        (COUNTER, "", "gateway_connections_total is told as a counter\nseen .* None"),
        (COUNTER, "# TYPE gateway_connections_total gauge\n", "as a counter\nseen .* gauge"),
        (COUNTER, "# TYPE gateway_connections_total untyped\n", "as a counter\nseen .* untyped"),
        (COUNTER, COUNTER * 2, "told once.*\nseen      gateway_connections_total twice"),
        (COUNTER + "gateway_connections_total 1.0\n", "gateway_connections_total 1.0\n" + COUNTER, "total after them"),
        (COUNTER + "gateway_connections_total 1.0\n", "gateway_connections_total 1\n" + COUNTER.replace("_total", ""), "after"),
        (HISTOGRAM, HISTOGRAM.replace("histogram", "summary"), "as a histogram\nseen .* summary"),
        ('{op="pong"} 1\n', '{op="pong"} 1\ngateway_messages_received_total{op="health"} 1\n', "received_total in two places"),
        ("# TYPE gateway_tool_calls_total counter\n", "# TYPE tool_calls_total counter\n", "gateway_tool_calls_total is told as"),
    ],
)  # fmt: skip
def test_figures_in_another_form_are_told(was, instead, told):
    assert was in FORM
    with broken(told):
        looking.require_form(FORM.replace(was, instead, 1))


def test_a_histogram_that_is_announced_after_its_figures_is_told():
    head, _, tail = FORM.partition(HISTOGRAM)
    with broken("gateway_tool_latency_seconds after them"):
        looking.require_form(head + tail + HISTOGRAM)


def test_a_histograms_figures_stand_together():
    moved = 'gateway_tool_latency_seconds_count{tool="status"} 1\n'
    with broken("gateway_tool_latency_seconds in two places"):
        looking.require_form(FORM.replace(moved, "# TYPE up gauge\nup 1\n" + moved))


# --- buckets


def steps(folder, text):
    with showing(lambda: text) as url, meeting(folder, metrics_url=url) as world:
        looking.require_steps(world)


BUCKETS = "\n".join(line for line in FORM.splitlines() if "latency" in line) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        BUCKETS,
        BUCKETS + BUCKETS.partition("\n")[2].replace("status", "echo"),
        "\n".join(reversed(BUCKETS.splitlines())) + "\n",
        "\n".join(line.replace('"status"', f'"status",host="{host}"') for host in "ab" for line in BUCKETS.splitlines()[1:])
        + "\n",
    ],
)
def test_steps_that_never_fall_pass(tmp_path, text):
    steps(tmp_path, text)


@pytest.mark.parametrize(
    ("was", "instead", "told"),
    [
        ('le="0.1"} 1', 'le="0.1"} 2', "the steps never fall"),
        ('le="+Inf"} 1', 'le="9"} 1', "the steps never fall and end with all"),
        ('_count{tool="status"} 1', '_count{tool="status"} 2', "the last step of status is 2.0\nseen .* 1.0"),
        ("_bucket", "_bucketed", "there are none"),
        ('_bucket{tool="status",le="+Inf"} 1', '_bucket{tool="status",le="+Inf"} 0', "the steps never fall"),
    ],
)
def test_other_steps_are_told(tmp_path, was, instead, told):
    assert was in BUCKETS
    with broken(told):
        steps(tmp_path, BUCKETS.replace(was, instead))


# --- health


def health(**fields):
    return answered({"op": "health_res", "uptime_s": 1.0, "connections": 2, **fields})


def test_a_sessions_figures_are_its_own():
    call = health(session={"messages_received": 3, "messages_sent": 2})
    looking.require_session_figures(call, 3, 2)
    with broken("4 messages received\nseen .* 3 "):
        looking.require_session_figures(call, 4, 2)
    with broken("3 messages sent\nseen .* 2 "):
        looking.require_session_figures(call, 3, 3)
    with broken("None messages received"):
        looking.require_session_figures(health(session={}), 3, 2)
    with broken("tells the session's figures"):
        looking.require_session_figures(health(session=[3, 2]), 3, 2)
    with broken("ended first"):
        looking.require_session_figures(cut_off(), 3, 2)


@pytest.mark.parametrize(("told", "slow", "fine"), [
    (300, 0.3, True), (286, 0.3, True), (315, 0.3, True), (400, 0.4, True), (284, 0.3, False), (316, 0.3, False),
    (0.3, 0.3, False), (None, 0.3, False), ("300", 0.3, False), (True, 0.3, False), (math.nan, 0.3, False),
])  # fmt: skip
def test_a_sessions_mean_time_is_what_was_planted(told, slow, fine):
    call = health(session={"mean_latency_ms": told})
    if fine:
        looking.require_mean(call, [well(after=slow)], 300, 5)
        return
    with broken("mean time is 300 ms within 5 %"):
        looking.require_mean(call, [well(after=slow)], 300, 5)


def test_connections_are_told():
    looking.require_connections_told(health(), 2)
    for told in (3, None, "2"):
        with broken(f"tells of 2 connections\nseen .* {told} "):
            looking.require_connections_told(health(connections=told), 2)


@pytest.mark.parametrize("breakers", [{"a": {"state": "closed"}}, {"a": "open", "b": "closed"}])
def test_a_breaker_is_told(breakers):
    looking.require_breaker_told(health(breakers=breakers), "a")


@pytest.mark.parametrize("breakers", [None, [], ["a"], {}, {"b": {"state": "closed"}}, {"a": None}, {"a": {}}])
def test_a_breaker_that_is_not_told_is_told(breakers):
    with broken("the gateway tells of the breaker of 'a'"):
        looking.require_breaker_told(health(breakers=breakers), "a")


def up(told, *, since_clients=2.0, since_start=5.0):
    now = time.monotonic()
    call = health(uptime_s=told)
    call.answer = frame(now, op="health_res", uptime_s=told)
    world = SimpleNamespace(
        gateway=SimpleNamespace(process=None if since_start is None else SimpleNamespace(started_at=now - since_start)),
        opened=[SimpleNamespace(connected_at=now - since_clients)],
    )
    looking.require_uptime(world, call)


def test_the_time_since_the_start_is_told():
    for told in (2.0, 3.5, 5.0, 5):
        up(told)
    up(1e6, since_start=None)


@pytest.mark.parametrize(
    ("told", "seen"),
    [(None, "how many seconds"), ("3", "how many seconds"), (True, "how many seconds"), (-1, "how many seconds"),
     (math.nan, "how many seconds"), (1.0, "up for at least 2.00 s"), (0, "at least"), (5.2, "at most 5.00 s"), (9e9, "at most")],
)  # fmt: skip
def test_another_time_since_the_start_is_told(told, seen):
    with broken(seen):
        up(told)


def test_a_monitoring_program_looks_at_the_health(tmp_path):
    for status in (200, 503):
        with showing(lambda: "well", status) as url, meeting(tmp_path, health_url=url) as world:
            assert looking.look_at_health(world) == status
    with meeting(tmp_path, health_url="http://127.0.0.1:9/") as world, broken("can look at the health"):
        looking.look_at_health(world)
    with meeting(tmp_path) as world, pytest.raises(DeclinedError, match="no place"):
        looking.look_at_health(world)


def test_each_client_asks_for_itself(tmp_path):
    with meeting(tmp_path, good) as world:
        told = looking.ask_all(world, [let_in(world, "Ada"), let_in(world, "Ben")])
        assert {name: call.answer.op for name, call in told.items()} == {"Ada": "health_res", "Ben": "health_res"}
        assert told["Ada"].client == "Ada"
