"""The generator of load, against an echo and against servers that drop, double, swap or spoil an answer."""

import json
import socket
import time

import pytest
from gateway_parts import ABORT, TOKEN, broken, failure, good, instead, listening, mute, result

from support.gateway.load import Answered, Load, run_load
from support.kit.loop import the_loop


def frame(request_id):
    return json.dumps({"op": "call_tool", "request_id": request_id, "name": "status", "arguments": {}})


def run(answer, *, echo=False, **more):
    op, token = ("call_tool", None) if echo else ("call_tool_res", TOKEN)
    with listening(answer) as url:
        return the_loop().call(run_load(url, Load(frame, op, token, **{"count": 20, "silence": 2.0, **more})), 20.0)


def echo(request):
    return [request]


# --- right


@pytest.mark.parametrize(("window", "clients"), [(1, 1), (7, 1), (100, 1), (3, 4)])
def test_every_call_of_every_client_is_answered(window, clients):
    done = run(good, window=window, clients=clients)
    assert done.calls == 20 * clients
    assert done.rate == done.calls / done.seconds > 0


def test_an_echo_is_driven_with_the_same_frames():
    assert run(echo, echo=True, window=3).calls == 20


def test_it_goes_on_for_a_time():
    began = time.monotonic()
    done = run(echo, echo=True, count=0, seconds=0.2, window=3)
    assert time.monotonic() - began >= done.seconds >= 0.2
    assert done.calls > 3


def test_no_more_than_the_window_is_on_the_way():
    under_way, most = [0], [0]

    def answer(request):
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        yield 0.002
        under_way[0] -= 1
        yield request

    assert run(answer, echo=True, window=4).calls == 20
    assert 1 < most[0] <= 4


def test_ids_differ_from_client_to_client_and_bear_the_prefix():
    seen = []

    def answer(request):
        seen.append(request["request_id"])
        return [request]

    run(answer, echo=True, clients=3, prefix="7.")
    assert len(set(seen)) == len(seen) == 60
    assert all(each.startswith("7.") for each in seen)


def test_answers_may_overtake_each_other():
    def answer(request):
        yield 0.01 if request["request_id"].endswith(("0", "3")) else 0.0
        yield request

    assert run(answer, echo=True, window=5).calls == 20


def test_a_slow_server_is_no_mute_one():
    def answer(request):
        yield 0.06
        yield request

    assert run(answer, echo=True, count=5, silence=0.25).calls == 5


def test_a_client_comes_under_the_session_that_is_named():
    seen = []

    def answer(request):
        seen.append(request.get("session_id"))
        return good(request)

    run(answer, session="night", count=1)
    assert seen[0] == "night"


def test_no_time_is_no_rate():
    assert Answered(3, 0.0).rate == 0.0


# --- wrong


def spoiled(number, spoil):
    """An echo that does something else with one of its requests."""

    def answer(request):
        return spoil(request) if request["request_id"].endswith(f"-{number}") else [request]

    return answer


@pytest.mark.parametrize("window", [1, 5])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda request: [request, request], "answered once, well and under its request id"),
        (lambda request: [{**request, "request_id": "l0-4000"}], "under its request id\nseen .*l0-4000"),
        (lambda request: [{**request, "request_id": "l0-1"}], "under its request id\nseen .*l0-1"),
        (lambda request: [{**request, "request_id": None}], "under its request id\nseen .*null"),
        (lambda request: [{**request, "request_id": 7}], "under its request id"),
        (lambda request: [{**request, "op": "pong"}], "once, well.*\nseen .*pong"),
        (lambda request: [{**request, "ok": False}], "once, well.*\nseen .*false"),
        (lambda request: ["garbage"], "once, well.*\nseen      garbage"),
        (lambda request: ["[]"], "once, well"),
        (lambda request: [json.dumps(request).encode()], "once, well"),
        (lambda request: [(1011, "oh")], r"unanswered when the connection ended: .*1011"),
        (lambda request: [ABORT], "unanswered when the connection ended"),
    ],
    ids=["double", "swap", "another's", "no id", "number", "op", "not ok", "garbage", "list", "binary", "close", "abort"],
)
def test_one_answer_that_is_not_right_is_told(spoil, told, window):
    with broken(told):
        run(spoiled(5, spoil), echo=True, window=window)


@pytest.mark.parametrize(("number", "window", "seen"), [(5, 1, "1 of 6"), (5, 4, "1 of 20")])
def test_an_answer_that_never_comes_is_told(number, window, seen):
    with broken(f"every call is answered\nseen      {seen} unanswered for 0.2 s"):
        run(spoiled(number, lambda _: []), echo=True, window=window, silence=0.2)


def test_one_of_several_clients_that_is_not_answered_is_told():
    with broken("1 of 6 unanswered"):
        run(lambda request: [] if request["request_id"] == "l1-5" else [request], echo=True, clients=3, silence=0.2)


@pytest.mark.parametrize(
    "fields", [failure("OVER_CAPACITY"), {key: value for key, value in result().items() if key != "ok"}, result(op="error")]
)
def test_a_gateways_answer_must_be_well(fields):
    with broken("once, well"):
        run(instead("call_tool", fields))


@pytest.mark.parametrize(
    "said", [[{"op": "hello_ack", "ok": False}], [{"op": "hello_ack"}], [{"op": "pong", "ok": True}], [(1008, "no")], ["what?"]]
)
def test_who_is_not_let_in_is_told(said):
    with broken("a client is let in"):
        run(instead("hello", *said))


def test_who_is_not_told_that_it_is_let_in_is_told(monkeypatch):
    monkeypatch.setattr("support.gateway.load.FIRST_LIMIT", 0.05)
    with broken("a client is let in\nseen      TimeoutError"):
        run(mute("hello"))


def test_a_gateway_that_is_not_there_is_told():
    with socket.socket() as bound, broken("takes the connection\nseen      ConnectionRefusedError"):
        bound.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{bound.getsockname()[1]}"
        the_loop().call(run_load(url, Load(frame, "call_tool", None, count=1)), 10.0)
