"""What clients do, against gateways that answer and gateways that do not."""

import json
from itertools import pairwise
from time import monotonic

import pytest
from gateway_parts import TOKEN, broken, good, instead, meeting, mute, result

from support.gateway import talk
from support.gateway.asking import Asker
from support.kit.deadline import eventually
from support.kit.errors import InfrastructureError
from support.kit.patience import MOST, GivenUpError

ASK = Asker({})


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        yield made


# --- coming in


def test_a_client_is_let_in_and_speaks(world):
    client = talk.let_in(world, "Ada")
    assert client.session
    assert world.client is client
    talk.require_in(client)


@pytest.mark.parametrize(
    "said",
    [
        [{"op": "hello_ack", "ok": False, "session_id": "abc"}],
        [{"op": "hello_ack", "ok": True}],
        [{"op": "pong", "ok": True, "session_id": "abc"}],
        [json.dumps({"op": "hello_ack", "ok": True, "session_id": "abc"}).encode()],
        [(1008, "too many")],
    ],
)
def test_who_is_not_let_in_is_told(tmp_path, said):
    with meeting(tmp_path, instead("hello", *said)) as world, broken("Ada is let in with a session"):
        talk.let_in(world, "Ada")


def test_who_is_closed_after_being_let_in_is_not_in(tmp_path):
    with meeting(tmp_path, instead("hello", {"op": "hello_ack", "ok": True, "session_id": "abc"}, (1008, "no"))) as world:
        client = talk.connect(world)
        talk.say_hello(world, client)
        talk.await_closing(client)
        with broken("let in.*\nseen .*, closed with code 1008"):
            talk.require_in(client)


def test_who_has_said_nothing_is_not_in(world):
    with broken("no answer"):
        talk.require_in(talk.connect(world))


def test_many_are_let_in_side_by_side(world):
    clients = talk.let_in_many(world, 30)
    assert len({client.session for client in clients}) == len(clients) == 30
    assert world.group == world.opened == clients


def test_one_of_many_that_is_not_let_in_is_told(tmp_path):
    seen = []

    def answer(request):
        seen.append(request)
        return good({**request, "token": "wrong"} if len(seen) == 3 else request)

    with meeting(tmp_path, answer) as world, broken("client 3 is let in"):
        talk.let_in_many(world, 3)


def test_a_client_comes_back_under_its_session(world):
    first = talk.let_in(world, "Ada", session="night")
    talk.go(world, first, "says goodbye")
    again = talk.come_back(world, "Ada")
    assert again is world.clients["Ada"] is not first
    assert again.session == "night"


# --- asking


def test_requests_are_answered(world):
    client = talk.let_in(world)
    calls = talk.ask(world, client, [ASK.plain("ping"), ASK.fast()])
    assert [call.answer.op for call in calls] == ["pong", "call_tool_res"]
    assert world.calls == calls
    assert talk.client_of(world, calls[0]) is client


def test_requests_in_turn_are_asked_one_after_the_other(world):
    calls = talk.ask_in_turn(world, talk.let_in(world), [ASK.slow(0.03), ASK.fast(), ASK.fast()])
    assert all(later.sent_at >= earlier.answer.at for earlier, later in pairwise(calls))
    assert world.calls == calls


def test_who_speaks_last_is_remembered(world):
    talk.let_in(world, "Ada")
    ben = talk.let_in(world, "Ben")
    talk.begin(world, world.clients["Ada"], [ASK.fast()])
    assert world.client.name == "Ada"
    talk.begin(world, talk.let_in(world), [ASK.fast()])
    assert world.client.name == "Ada"
    assert ben.name == "Ben"


def test_no_more_than_a_window_is_on_the_way(tmp_path):
    under_way, most = [0], [0]

    def answer(request):
        if request.get("op") != "call_tool":
            return good(request)
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        return talking(request)

    def talking(request):
        yield 0.005
        under_way[0] -= 1
        yield {**result(), "request_id": request["request_id"]}

    with meeting(tmp_path, answer) as world:
        plans = [(talk.let_in(world), [ASK.fast() for _ in range(20)]) for _ in range(2)]
        calls = talk.ask_in_windows(world, plans, 3)
        assert len(calls) == 40
        assert all(call.answer.ok for call in calls)
        assert 1 < most[0] <= 6


def test_a_window_that_is_not_answered_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(talk, "WINDOW_LIMIT", 0.1)
    with meeting(tmp_path, mute("call_tool")) as world:
        client = talk.let_in(world)
        with broken("answered under its request id\nseen      3 unanswered after 0.1 s"):
            talk.ask_in_windows(world, [(client, [ASK.fast() for _ in range(3)])], 2)


def test_what_is_not_answered_is_told_with_what_came_instead(tmp_path):
    with meeting(tmp_path, instead("ping", {"op": "pong", "request_id": "x"}, "what?")) as world:
        client = talk.let_in(world)
        call = ASK.plain("ping")
        client.send([call])
        eventually(lambda: len(client.frames), lambda count: count == 3, 5.0, "two odd frames")
        with broken('1 unanswered after 0.05 s, the first: .*; 2 frames answered nobody\'s request, the first: .*"x"'):
            talk.wait_for(world, [call], 0.05)


def test_a_connection_that_ends_instead_is_told(tmp_path):
    with meeting(tmp_path, instead("ping", (1011, "oh"))) as world:
        client = talk.let_in(world)
        with broken("every request is answered\nseen      closed with code 1011"):
            talk.ask(world, client, [ASK.plain("ping")])


def test_a_gateway_that_is_always_mute_is_not_asked_again(tmp_path):
    with meeting(tmp_path, mute("ping")) as world:
        client = talk.let_in(world)
        for _ in range(MOST):
            with broken("every request is answered"):
                talk.wait_for(world, talk.begin(world, client, [ASK.plain("ping")]), 0.0)
        with pytest.raises(GivenUpError, match="the gateway did not answer 5 times in a row and is not asked again in this run"):
            talk.connect(world)
        talk.ask(world, client, [ASK.fast()])
        talk.connect(world)


# --- going


@pytest.mark.parametrize(
    ("way", "code"),
    [("says goodbye", 1000), ("say goodbye", 1000), ("breaks the link off", 1006), ("goes without a word", 1006),
     ("resets the link", 1006), ("reset the link", 1006)],
)  # fmt: skip
def test_a_client_goes(world, way, code):
    client = talk.let_in(world)
    talk.go(world, client, way)
    assert client.closing.code == code


def test_a_client_behind_a_link_loses_it(world):
    talk.add_link(world, "Ada")
    client = talk.let_in(world, "Ada")
    talk.ask(world, client, [ASK.fast()])
    assert world.links["Ada"].connections[0].bytes_up > 0
    talk.go(world, client, "loses its link")
    assert client.closing.code == 1006
    with pytest.raises(InfrastructureError, match="carried nothing that could be cut"):
        talk.cut(world, client)


def test_an_unknown_way_is_told(world):
    with pytest.raises(ValueError, match="'sings'"):
        talk.go(world, talk.connect(world), "sings")


def test_who_is_not_closed_in_time_is_told(world):
    client = talk.let_in(world, "Ada")
    with broken("Ada is closed\nseen      still connected"):
        talk.await_closing(client, 0.05)


def test_the_quiet_lasts_until_its_moment():
    moment = monotonic() + 0.05
    talk.quiet_until(moment)
    assert monotonic() >= moment
    talk.quiet_until(moment - 10)


def test_the_token_is_the_gateways(world):
    assert world.gateway.token == TOKEN
