"""Parts of the reference pipeline's server by themselves."""

import asyncio
import json
import logging
import socket
import threading
import time

import pytest
from audio_program import awaited
from hypothesis import given
from hypothesis import strategies as st

from support.audio.protocol import RATES, WINDOW_SIZES, Code, RefusedError
from support.audio.reference.doorkeeper import Doorkeeper
from support.audio.reference.errors import STATUS, path_of, refused
from support.audio.reference.figures import Account, told
from support.audio.reference.log import JsonLines
from support.audio.reference.metrics import BUCKETS, ServerMetrics, Times
from support.audio.reference.models import SessionConfig, SpectrumRequest
from support.audio.reference.ordering import in_order
from support.audio.reference.service import Service
from support.audio.reference.settings import Settings
from support.audio.reference.usage import Usage
from support.audio.reference.workers import LONGEST_WAIT, Workers

# --- order

STAGES = ("a", "b", "c", "d", "e")


@pytest.mark.parametrize(
    ("connections", "order"),
    [
        ([], "abcde"),
        (["ba"], "bacde"),
        (["ed", "dc", "cb", "ba"], "edcba"),
        (["ea"], "bcdea"),
        (["ab", "ac", "bd", "cd"], "abcde"),
        (["db", "ba", "ba"], "cdbae"),
    ],
)
def test_connections_give_the_order_and_the_map_the_rest(connections, order):
    assert in_order(STAGES, [(source, target) for source, target in connections]) == list(order)


@pytest.mark.parametrize("connections", [["aa"], ["ab", "ba"], ["ab", "bc", "cd", "da"], ["de", "ab", "bc", "cb"]])
def test_a_circle_is_refused(connections):
    with pytest.raises(RefusedError) as caught:
        in_order(STAGES, [(source, target) for source, target in connections])
    assert (caught.value.code, caught.value.field) == (Code.INVALID_CONFIG, "connections")


@given(st.permutations(STAGES), st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda edge: edge[0] < edge[1])))
def test_every_source_comes_before_its_target(hidden, edges):
    connections = [(hidden[source], hidden[target]) for source, target in edges]
    order = in_order(STAGES, connections)
    assert sorted(order) == sorted(STAGES)
    assert all(order.index(source) < order.index(target) for source, target in connections)


# --- who may come in


def test_one_right_token_lets_in_and_nothing_else():
    keeper = Doorkeeper("a-token-of-some-length")
    for right in ("Bearer a-token-of-some-length", "bearer a-token-of-some-length", "BEARER  a-token-of-some-length "):
        assert keeper.lets_in([right])
        assert not keeper.lets_in([right, right])
    for wrong in (
        "",
        "Bearer",
        "Bearer ",
        "a-token-of-some-length",
        "Bearer a-token-of-some-lengt",
        "Basic a-token-of-some-length",
        "Bearer \udcff",
    ):
        assert not keeper.lets_in([wrong])
    assert not keeper.lets_in([])
    assert Doorkeeper(None).lets_in([])


# --- errors


def test_every_code_has_a_status():
    assert set(STATUS) == set(Code)


@pytest.mark.parametrize(
    ("parts", "path"),
    [((), ""), (("a",), "a"), (("connections", 1, "target_stage_id"), "connections[1].target_stage_id"), ((0, "x"), "[0].x")],
)
def test_a_field_is_named_by_its_path(parts, path):
    assert path_of(parts) == path


def test_what_pydantic_says_is_said_in_the_pipelines_words():
    error = refused(
        [{"loc": ("body", "pipeline_config", "stages", "agc", "gain_in"), "type": "less_than_equal", "msg": "too much"}]
    )
    assert error.told() == {"code": "OUT_OF_RANGE", "message": "stages.agc.gain_in: too much", "field": "stages.agc.gain_in"}
    assert refused([{"loc": ("body", "audio_data"), "type": "missing", "msg": "x"}]).code is Code.INVALID_AUDIO
    assert refused([{"loc": ("body", "stage_config", "x"), "type": "extra_forbidden", "msg": "x"}]).code is Code.INVALID_CONFIG
    assert refused([{"loc": ("body",), "type": "missing", "msg": "x"}]).told() == {"code": "INVALID_MESSAGE", "message": "x"}


def test_what_the_models_allow_is_what_the_contract_allows():
    assert tuple(SessionConfig.model_json_schema()["properties"]["sample_rate"]["enum"]) == RATES
    assert tuple(SpectrumRequest.model_json_schema()["properties"]["window_size"]["enum"]) == WINDOW_SIZES


# --- workers


@awaited
async def test_work_is_done_elsewhere_and_its_outcome_comes_back():
    workers = Workers(1, "test")
    assert await workers.run(threading.get_ident) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda: 1 // 0)
    assert await workers.run(lambda: 5) == 5


@awaited
async def test_one_worker_takes_one_thing_after_the_other_and_two_take_two():
    order = []
    one = Workers(1, "one")
    await asyncio.gather(*(one.run(lambda number=number: order.append(number)) for number in range(50)))
    assert order == list(range(50))
    two, meeting = Workers(2, "two"), threading.Barrier(2, timeout=5)
    await asyncio.gather(two.run(meeting.wait), two.run(meeting.wait))


@awaited
async def test_others_are_given_way_while_they_work_but_not_for_ever(monkeypatch):
    hasty, go = Workers(1, "hasty"), threading.Event()
    with monkeypatch.context() as patched:
        patched.setattr("time.sleep", None)  # nobody is waited for
        hasty.give_way()
    working = asyncio.ensure_future(hasty.run(lambda: go.wait(10)))
    await asyncio.sleep(0)  # the work is handed in
    begun = time.monotonic()
    hasty.give_way()
    assert LONGEST_WAIT <= time.monotonic() - begun < 5
    threading.Timer(0.001, go.set).start()
    hasty.give_way()
    assert await working


def test_work_whose_loop_is_gone_does_no_harm():
    workers, go = Workers(1, "late"), threading.Event()

    async def leave():
        workers.submit(lambda: go.wait(5), lambda outcome: None)

    asyncio.run(leave())
    go.set()
    assert asyncio.run(workers.run(lambda: 7)) == 7


# --- figures


class Quality:
    rms, peak, snr, lufs_momentary = -20.0, -17.0, float("nan"), float("-inf")
    clipped_samples, voice_detected = 3, True


def test_the_average_is_that_of_all_chunks():
    account = Account(Usage())
    assert account.begin(7)["chunks_processed"] == 0
    for number, seconds in enumerate((0.001, 0.002, 0.006), start=1):
        figures = account.add(seconds, {"agc": seconds}, Quality(), 7)
        assert figures["chunks_processed"] == number
    assert (figures["total_latency"], figures["average_latency"], figures["stage_latencies"]) == (6.0, 3.0, {"agc": 6.0})
    assert figures["quality_metrics"] == {
        "rms": -20.0, "peak": -17.0, "snr": None, "lufs_momentary": None, "clipped_samples": 3, "voice_detected": True
    }  # fmt: skip
    json.dumps(figures, allow_nan=False)


@pytest.mark.parametrize(("value", "number"), [(None, None), (float("nan"), None), (float("-inf"), None), (-23, -23.0)])
def test_only_numbers_are_told(value, number):
    assert told(value) == number


def test_times_fall_into_steps():
    times = Times()
    for seconds in (0.0, 0.0005, 0.003, 99.0):
        times.add(seconds)
    cumulative = dict(times.cumulative())
    assert (cumulative["0.0005"], cumulative["0.002"], cumulative["0.004"], cumulative["+Inf"]) == (2, 2, 3, 4)
    assert len(cumulative) == len(BUCKETS) + 1


def test_what_nobody_counted_is_told_as_nothing():
    text = ServerMetrics().text().decode()
    assert "audio_sessions_active 0.0" in text
    assert "audio_chunks_total 0.0" in text


def test_usage_is_that_of_the_process():
    usage = Usage()
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        sum(range(1000))
    assert 5 < usage.percent() <= 100 * threading.active_count()


# --- the listening socket


def test_small_answers_are_not_held_back():
    """asyncio sets TCP_NODELAY on a connection only if its listening socket names TCP; without it an answer takes 40 ms."""
    with Service(Settings(port=0), None).listen() as listener:
        assert listener.proto == socket.IPPROTO_TCP


# --- log


def test_the_log_never_shows_the_token():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, 'said "%s"', ('to"ken-of-some-length',), None)
    line = JsonLines('to"ken-of-some-length').format(record)
    assert json.loads(line)["event"] == 'said "[token]"'
