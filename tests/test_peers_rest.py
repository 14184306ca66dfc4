"""What is asked of a node over HTTP: right answers are read, others are told, and none is waited for too long."""

import pytest
from little_node import LittleNode, Says
from peers_parts import broken

from support.kit.ports import lease_port
from support.peers.rest import Answer, Rest, in_path


@pytest.fixture
def node():
    with LittleNode() as made:
        yield made


@pytest.fixture
def rest(node):
    return Rest(f"http://127.0.0.1:{node.port}", "little", None)


def test_an_answer_has_its_code_its_text_and_its_time(node, rest):
    node.says("GET /config", Says({"msg": "done"}, 201, seconds=0.05))
    answer = rest.get("/config")
    assert (answer.code, answer.message, answer.body, answer.kind) == (201, "done", {"msg": "done"}, "application/json")
    assert 0.05 <= answer.seconds < 1.0
    assert str(answer) == '201 \'{"msg": "done"}\' to GET /config'


@pytest.mark.parametrize(
    ("text", "body", "message"),
    [('{"msg": "done"}', {"msg": "done"}, "done"), ("done\n", "done\n", "done"), ('"done"', "done", "done"), ("{}", {}, ""),
     ("[1]", [1], ""), ('{"msg": 5}', {"msg": 5}, "5"), ("", "", "")],
)  # fmt: skip
def test_what_an_answer_says_is_read_liberally(text, body, message):
    answer = Answer("GET /", 200, text, "", 0.0)
    assert (answer.body, answer.message) == (body, message)


def test_bodies_are_sent_as_json_as_bytes_or_not_at_all(node, rest):
    rest.post("/config", {"a": 1})
    node.says("POST /config", {})
    rest.post("/config", b"{no json")
    rest.post("/config")
    rest.delete("/loadsharing/peers/x")
    assert [(one.method, one.body) for one in node.asked] == [
        ("POST", b'{"a": 1}'), ("POST", b"{no json"), ("POST", b""), ("DELETE", b""),
    ]  # fmt: skip


def test_an_answer_that_goes_elsewhere_is_not_followed(node, rest):
    node.says("GET /config", Says({}, 302))
    assert rest.get("/config").code == 302


def test_nobody_answers():
    with lease_port() as port, broken("the charger gone answers GET /status within 1 s\nseen      ConnectionError after"):
        Rest(f"http://127.0.0.1:{port.port}", "gone", None).get("/status", 1.0)


@pytest.mark.parametrize("slow", [Says({}, seconds=0.6), Says({"msg": "done"}, trickles=0.4)])
def test_an_answer_that_takes_too_long_is_told_also_when_it_trickles(node, rest, slow):
    node.says("GET /status", slow)
    with broken("answers GET /status within 0.2 s"):
        rest.get("/status", 0.2)


def test_a_list_of_peers_is_a_bare_array_of_objects(node, rest):
    assert [one["id"] for one in rest.peers()] == ["aa01"]


@pytest.mark.parametrize("wrong", [{"peers": []}, ["a"], "none", Says([], 500), None])
def test_another_list_of_peers_is_told(node, rest, wrong):
    node.says("GET /loadsharing/peers", wrong)
    with broken("answers 200 with a bare array of entries"):
        rest.peers()


def test_an_object_is_an_object(node, rest):
    assert rest.object_at("/status")["id"] == "aa01"
    for wrong in ([], "up", Says({}, 500)):
        node.says("GET /status", wrong)
        with broken("a charger that is asked for /status answers 200 with an object"):
            rest.object_at("/status")


@pytest.mark.parametrize(
    ("host", "path"),
    [("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:80", "[::1]:80"), ("127.0.0.1%3A80", "127.0.0.1%3A80"), ("a/b c", "a%2Fb%20c"),
     ("é.local", "%C3%A9.local")],
)  # fmt: skip
def test_a_host_in_a_path(host, path):
    assert in_path(host) == path
