"""A client against little gateways that are right, wrong, odd or gone."""

import json
import socket
import threading

import pytest
from gateway_parts import ABORT, TOKEN, broken, good, instead, listening, mute

from support.gateway.asking import Asker
from support.gateway.client import Client
from support.gateway.openings import hello
from support.kit.closing import NOTHING_SAID
from support.kit.deadline import eventually
from support.kit.loop import the_loop
from support.kit.wire import WireLog

PATIENCE = 5.0
ASK = Asker({})


@pytest.fixture
def connected(tmp_path):
    """Make a client that is connected."""
    wire = WireLog(tmp_path / "wire.jsonl")
    clients = []

    def make(url, source=None):
        client = Client(the_loop(), "Ada", wire, len(clients) + 1, source)
        clients.append(client)
        client.open(url)
        return client

    yield make
    for client in clients:
        the_loop().call(client.leave(), PATIENCE)
    wire.close()


@pytest.fixture
def meet(connected):
    """A client of a little gateway."""
    ends = []

    def make(answer=good, greeting=()):
        gateway = listening(answer, greeting)
        ends.append(gateway)
        return connected(gateway.__enter__())

    yield make
    for gateway in ends:
        gateway.__exit__(None, None, None)


def ask(client, *calls):
    client.send(calls)
    for call in calls:
        assert call.wait(PATIENCE), str(call)
    return calls[0].answer


def closed(client):
    eventually(lambda: client.closing, bool, PATIENCE, "closed")
    return client.closing


# --- answers


def test_an_answer_finds_its_call(meet):
    client = meet()
    ping, listing = ASK.plain("ping"), ASK.plain("list_tools")
    ask(client, ping, listing)
    assert (ping.answer.op, listing.answer.op) == ("pong", "list_tools_res")
    assert ping.answer.request_id == ping.request_id
    assert 0 < ping.seconds < PATIENCE
    assert (client.strays, client.strange) == ([], [])
    assert ping.client == "Ada"


def test_answers_may_overtake_each_other(meet):
    client = meet()
    slow, fast = ASK.slow(0.1), ASK.fast()
    ask(client, slow, fast)
    assert fast.answer.at < slow.answer.at
    assert slow.answer.output == "slept"


def test_an_answer_without_an_id_is_for_the_oldest_open_call(meet):
    client = meet(instead("health", json.dumps({"op": "health_res"})))
    slow, first, second = ASK.plain("sleep", "s-1"), ASK.plain("health"), ASK.plain("health")
    ask(client, slow)
    ask(client, first)
    ask(client, second)
    assert first.answer.op == second.answer.op == "health_res"
    assert client.strays == []


def test_an_answer_without_an_id_is_first_for_a_call_that_has_none(meet):
    client = meet(lambda request: [] if request.get("request_id") else [{"op": "error", "error": {}}])
    silent, bad = ASK.plain("ping"), ASK.bad("words that are no frame")
    client.send([silent])
    assert ask(client, bad).op == "error"
    assert not silent.over


def test_an_answer_under_a_wrong_id_is_a_stray(meet):
    client = meet(instead("ping", {"op": "pong", "request_id": "somebody's"}))
    ping, fast = ASK.plain("ping"), ASK.fast()
    client.send([ping])
    ask(client, fast)
    eventually(lambda: client.strays, lambda strays: len(strays) == 1, PATIENCE, "a stray")
    assert not ping.over


def test_a_doubled_answer_is_a_stray(meet):
    client = meet(instead("ping", {"op": "pong"}, {"op": "pong"}))
    ask(client, ASK.plain("ping"))
    eventually(lambda: len(client.strays), lambda count: count == 1, PATIENCE, "a stray")
    assert client.strays[0].op == "pong"


def test_the_empty_request_id_is_an_id(meet):
    client = meet(instead("ping", {"op": "error", "error": {"code": "INVALID_REQUEST"}}))
    assert ask(client, ASK.bad("a request with an empty request id")).fields["request_id"] == ""


def test_two_calls_under_one_id_get_an_answer_each(meet):
    client = meet()
    first, second = ASK.fast("same"), ASK.fast("same")
    ask(client, first, second)
    assert first.answer is not second.answer


def test_unknown_frames_are_skipped_and_remembered(meet):
    odd = ["no frame", json.dumps({"op": "notice", "request_id": "q-1"}), b"\x00\x01", json.dumps(["op", "pong"])]
    client = meet(instead("ping", *odd, {"op": "pong"}))
    assert ask(client, ASK.plain("ping")).op == "pong"
    assert (len(client.strange), client.strays, len(client.frames)) == (4, [], 5)


def test_what_is_said_unasked_is_a_stray(meet):
    client = meet(greeting=[{"op": "pong", "request_id": "q-0"}, {"op": "progress"}])
    eventually(lambda: len(client.strays), lambda count: count == 2, PATIENCE, "strays")


def test_progress_belongs_to_its_call_and_is_no_answer(meet):
    client = meet(instead("ping", {"op": "progress", "step": 1}, {"op": "progress", "step": 2}, {"op": "pong"}))
    ping = ASK.plain("ping")
    ask(client, ping)
    assert [frame.fields["step"] for frame in ping.progress] == [1, 2]
    assert ping.answer.op == "pong"


def test_progress_after_the_answer_is_a_stray(meet):
    client = meet(instead("ping", {"op": "pong"}, {"op": "progress"}))
    ask(client, ASK.plain("ping"))
    eventually(lambda: len(client.strays), lambda count: count == 1, PATIENCE, "a stray")


# --- sessions


def test_the_session_is_kept(meet):
    client = meet()
    ask(client, hello(TOKEN, "night-shift"))
    client.keep_session()
    assert client.session == "night-shift"


@pytest.mark.parametrize(
    "ack",
    [{"ok": False, "session_id": "a-b-c"}, {"ok": True}, {"ok": True, "session_id": ""}, {"ok": True, "session_id": 7},
     {"ok": True, "session_id": "a-b-c", "op": "pong"}],
)  # fmt: skip
def test_there_is_no_session_for_who_is_not_let_in(meet, ack):
    client = meet(instead("hello", json.dumps({"op": "hello_ack", **ack})))
    ask(client, hello(TOKEN))
    client.keep_session()
    assert client.session is None


# --- ends


@pytest.mark.parametrize(("code", "reason"), [(1001, "bye"), (1008, "too many"), (1009, ""), (4000, "ungültig"), (4003, "no")])
def test_a_close_code_and_its_reason_are_known(meet, code, reason):
    client = meet(greeting=[(code, reason)])
    closing = closed(client)
    assert (closing.code, closing.reason) == (code, reason)
    assert closing.at >= client.connected_at
    assert str(closing) == f"closed with code {code} and the reason {reason!r}"


def test_an_end_without_a_word_is_1006(meet):
    client = meet(greeting=[ABORT])
    assert closed(client).code == NOTHING_SAID == 1006


def test_the_end_of_a_connection_ends_its_calls(meet):
    client = meet(instead("ping", (1011, "oh")))
    slow, ping = ASK.slow(5.0), ASK.plain("ping")
    ask(client, slow, ping)
    assert (slow.answer, ping.answer, slow.over) == (None, None, True)


def test_what_is_sent_after_the_end_ends_at_once(meet):
    client = meet(greeting=[(1001, "bye")])
    closed(client)
    assert ask(client, ASK.plain("ping")) is None


def test_a_goodbye_is_said_properly(meet):
    client = meet(mute("ping"))
    ping = ASK.plain("ping")
    client.send([ping])
    client.say_goodbye()
    assert client.closing.code == 1000
    assert ping.over


@pytest.mark.parametrize("reset", [False, True])
def test_who_breaks_off_says_nothing(meet, reset):
    client = meet()
    client.break_off(reset=reset)
    assert client.closing.code == NOTHING_SAID
    client.break_off(reset=reset)


@pytest.mark.parametrize(("reset", "seen"), [(False, "an end"), (True, "a reset")])
def test_the_other_side_sees_how_a_client_breaks_off(connected, reset, seen):
    with Handshake() as gateway:
        connected(gateway.url).break_off(reset=reset)
        assert gateway.end() == seen


def test_leaving_does_not_wait_for_a_gateway_that_answers_no_goodbye(connected):
    with Handshake() as gateway:
        client = connected(gateway.url)
        the_loop().call(client.leave(), PATIENCE)
        assert client.closing.code == NOTHING_SAID
        the_loop().call(client.leave(), PATIENCE)


# --- connecting


def test_a_gateway_that_is_not_there_breaks_the_promise(connected):
    with socket.socket() as bound, broken("ConnectionRefusedError"):
        bound.bind(("127.0.0.1", 0))
        connected(f"ws://127.0.0.1:{bound.getsockname()[1]}")


@pytest.mark.parametrize(
    ("said", "told"), [(b"", "InvalidMessage"), (b"HTTP/1.1 503 Busy\r\n\r\n", "503"), (b"SSH-2.0\r\n\r\n", "InvalidMessage")]
)
def test_who_does_not_upgrade_breaks_the_promise(connected, said, told):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse():
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said)

        thread = threading.Thread(target=refuse)
        thread.start()
        with broken(told):
            connected(f"ws://127.0.0.1:{server.getsockname()[1]}")
        thread.join(PATIENCE)


def test_a_client_can_come_from_another_address(connected):
    with Handshake() as gateway:
        connected(gateway.url, source="127.0.0.2").break_off(reset=False)
        assert gateway.peer == "127.0.0.2"


# --- the trace


def test_every_frame_is_on_the_wire_trace_long_ones_in_part(meet, tmp_path):
    client = meet()
    ask(client, ASK.echo("x" * 10_000))
    client.say_goodbye()
    lines = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    frames = [line for line in lines if "size" in line]
    assert [(frame["from"], frame["to"], frame["size"]) for frame in frames] == [
        ("Ada", "gateway", 4096),
        ("gateway", "Ada", 4096),
    ]
    assert "4,096 of 10,0" in frames[0]["note"]
    assert lines[-1]["event"].startswith("closed with code 1000")


class Handshake:
    """Upgrades one connection by hand and then only listens."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.server.getsockname()[1]}"
        self.peer = ""
        self.seen = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        from websockets.server import ServerProtocol

        connection, (self.peer, _) = self.server.accept()
        with connection:
            protocol = ServerProtocol()
            protocol.receive_data(connection.recv(65_536))
            (request,) = protocol.events_received()
            protocol.send_response(protocol.accept(request))
            for data in protocol.data_to_send():
                connection.sendall(data)
            try:
                while connection.recv(65_536):
                    continue
                self.seen.append("an end")
            except ConnectionResetError:
                self.seen.append("a reset")

    def end(self):
        self.thread.join(PATIENCE)
        return self.seen[0]

    def __exit__(self, *_):
        self.server.close()
        self.thread.join(PATIENCE)
