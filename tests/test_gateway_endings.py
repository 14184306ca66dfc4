"""What is promised of connections: who is let in, how one ends, what a client was told before."""

import pytest
from gateway_parts import ABORT, TOKEN, broken, frame, good, instead, listening, meeting, world_of
from gateway_parts import address as target_at

from support.gateway import endings
from support.gateway.openings import hello, opening
from support.gateway.talk import connect, let_in
from support.kit.closing import Closing
from support.kit.errors import DeclinedError

REFUSAL = {"op": "hello_ack", "ok": False, "error": "unauthorized"}


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        yield made


def come(world, phrase="a hello with a wrong token"):
    """A client that opens so, and its first frame when it was answered or the connection has ended."""
    client = connect(world)
    first = opening(phrase, TOKEN)
    client.send([first])
    assert first.wait(5.0)
    return client, first


# --- turned away


def test_who_is_told_and_closed_as_agreed(world):
    client, first = come(world)
    endings.require_told_and_closed(client, first, "unauthorized", 4003)
    endings.require_reason(client)
    endings.require_never_in(client)
    with broken("with code 4000\nseen .* code 4003"):
        endings.require_told_and_closed(client, first, "unauthorized", 4000)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([], "it is told nothing"),
        ([{"op": "hello_ack", "ok": False, "error": "invalid_hello"}], "'unauthorized'.*\nseen .*'invalid_hello'"),
        ([{"op": "hello_ack", "error": "unauthorized"}], "seen .*None"),
        ([{"op": "error", "ok": False, "error": "unauthorized"}], "seen .*'error'"),
        ([{"op": "hello_ack", "ok": False, "error": {"code": "unauthorized"}}], "seen .*code"),
    ],
)
def test_who_is_told_something_else_is_told(tmp_path, said, told):
    with meeting(tmp_path, instead("hello", *said, (4003, ""))) as world:
        client, first = come(world)
        with broken(told):
            endings.require_told_and_closed(client, first, "unauthorized", 4003)


@pytest.mark.parametrize(("ending", "code"), [((4000, ""), 4000), ((1000, ""), 1000), (ABORT, 1006)])
def test_another_code_is_told(tmp_path, ending, code):
    with meeting(tmp_path, greeting=[ending]) as world:
        client = connect(world, "Ada")
        endings.require_closed(client, code)
        with broken(f"Ada is closed with code 4003\nseen      closed with code {code}"):
            endings.require_closed(client, 4003)
        with broken("told why"):
            endings.require_reason(client)


def test_who_is_not_closed_is_told(world):
    client = let_in(world, "Ada")
    with broken("Ada is closed\nseen      still connected"):
        endings.require_closed(client, 4003, within=0.05)
    with broken("told why"):
        endings.require_reason(client)


def test_each_of_several_is_closed_and_told_why(tmp_path):
    with meeting(tmp_path, greeting=[(1008, "too many")]) as world:
        clients = [connect(world) for _ in range(3)]
        endings.require_each_closed(clients, 3, 1008)
        with broken("2 clients are closed\nseen      3 clients"):
            endings.require_each_closed(clients, 2, 1008)
        with broken("with code 1001"):
            endings.require_each_closed(clients, 3, 1001)


def test_one_of_several_without_a_reason_is_told(tmp_path):
    with meeting(tmp_path, greeting=[(1001, "")]) as world:
        clients = [connect(world)]
        endings.require_each_closed(clients, 1, 1001, reason=False)
        with broken("told why"):
            endings.require_each_closed(clients, 1, 1001)


def test_who_is_told_nothing(world):
    client = connect(world)
    endings.require_told_nothing(client)
    client, _ = come(world)
    with broken("told nothing\nseen .*unauthorized"):
        endings.require_told_nothing(client)


@pytest.mark.parametrize(
    "said",
    [{"op": "hello_ack", "ok": True}, {"op": "hello_ack", "ok": False, "session_id": "abc"}, {"op": "pong"},
     {"op": "call_tool_res"}, {"op": "error", "ok": True}],
)  # fmt: skip
def test_who_is_told_anything_that_lets_it_in_is_told(world, said):
    client = connect(world)
    client.frames += [frame(**REFUSAL), frame(op="error"), frame(op="notice")]
    endings.require_never_in(client)
    client.frames.append(frame(**said))
    with broken("never let in"):
        endings.require_never_in(client)


@pytest.mark.parametrize(("written", "code", "fine"), [(2_000_000, 1009, True), (70_000, 1009, False), (2_000_000, 1001, False)])
def test_only_of_a_very_large_frame_the_closing_may_be_lost(tmp_path, written, code, fine):
    with meeting(tmp_path, greeting=[ABORT]) as world:
        client = connect(world)
        client.interrupted = written
        if fine:
            endings.require_closed(client, code)
        else:
            with broken(f"with code {code}\nseen .* code 1006"):
                endings.require_closed(client, code)


@pytest.mark.parametrize(("seconds", "fine"), [(0.4, False), (0.5, True), (1.9, True), (2.1, False)])
def test_silence_is_ended_in_its_time(world, seconds, fine):
    client = connect(world)
    client.closing = Closing(4002, "", client.connected_at + seconds)
    if fine:
        endings.require_closed_between(client, 4002, 0.5, 2.0)
        return
    with broken(rf"after 0.5 s and within 2 s\nseen      after {seconds}"):
        endings.require_closed_between(client, 4002, 0.5, 2.0)
    with broken("with code 4001"):
        endings.require_closed_between(client, 4001, 0.5, 2.0)
    client.closing = None


def test_the_time_counts_in_the_gateways_favour_while_the_client_connects(world):
    client = connect(world)
    client.connecting_at = client.connected_at - 0.2
    client.closing = Closing(4002, "", client.connected_at + 0.4)
    endings.require_closed_between(client, 4002, 0.5, 2.0)
    client.closing = Closing(4002, "", client.connected_at + 2.0)
    endings.require_closed_between(client, 4002, 0.5, 2.0)
    client.closing = None


# --- let in


def test_the_session_is_the_one_asked_for(world):
    client = let_in(world, session="night")
    endings.require_session(client, "night")
    with broken("the session is 'day'\nseen      the session is 'night'"):
        endings.require_session(client, "day")


def test_a_session_without_being_let_in_is_none(world):
    client, _ = come(world)
    with broken("is let in with a session"):
        endings.require_session(client, "night")


def test_sessions_differ(world):
    clients = [let_in(world) for _ in range(3)]
    endings.require_different_sessions(clients)
    clients[0].session = clients[2].session
    with broken("a session of its own"):
        endings.require_different_sessions(clients)
    clients[0].session = None
    with broken("a session of its own\nseen .*None"):
        endings.require_different_sessions(clients)


def test_all_are_in_and_still_connected(world):
    clients = [let_in(world) for _ in range(3)]
    endings.require_all_in(clients, 3)
    endings.require_all_open(clients)
    endings.require_all_were_in(clients, 3)
    with broken("4 clients have come\nseen      3 clients"):
        endings.require_all_in(clients, 4)
    with broken("4 clients were let in\nseen      3 "):
        endings.require_all_were_in(clients, 4)
    clients[1].say_goodbye()
    endings.require_all_were_in(clients, 3)
    for look in (lambda: endings.require_all_open(clients), lambda: endings.require_all_in(clients, 3)):
        with broken("closed with code 1000"):
            look()


def test_who_had_to_try_twice_is_told(world):
    clients = [let_in(world), come(world)[0]]
    with broken("1 times somebody came\nseen      2 times"):
        endings.require_all_were_in(clients, 1)


# --- a place that is free


def turning_away(times):
    left = [times]

    def answer(request):
        if request.get("op") == "hello" and left[0]:
            left[0] -= 1
            return [(1008, "too many")]
        return good(request)

    return answer


def test_who_is_turned_away_comes_again(tmp_path):
    with meeting(tmp_path, turning_away(3)) as world:
        endings.require_let_in_within(world, 5.0)
        assert len(world.opened) == 4
        assert world.client is world.opened[-1]
        assert world.client.session is not None


def test_a_place_that_is_not_free_in_time_is_told(tmp_path):
    with meeting(tmp_path, turning_away(10_000)) as world, broken(r"within 0.05 s of the place being free\nseen .*1008"):
        endings.require_let_in_within(world, 0.05)


# --- addresses


def test_another_address_is_for_gateways_of_this_machine(world, tmp_path):
    assert endings.another_address(world) == "127.0.0.2"
    with listening() as url, world_of(target_at(url.replace("127.0.0.1", "localhost")), tmp_path) as elsewhere:
        elsewhere.start()
        with pytest.raises(DeclinedError, match="no second address"):
            endings.another_address(elsewhere)


def test_a_hello_may_be_right(world):
    client = connect(world)
    first = hello(TOKEN)
    client.send([first])
    assert first.wait(5.0)
    client.keep_session()
    endings.require_in(client)
