"""Nodes that find each other, form a group, lose each other and come back; real sockets, mDNS on the loopback interface."""

import json
import secrets
import signal
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from node_program import FAST, Node, eventually, nodes

LABEL = secrets.token_hex(3)
"""Others may run these tests at the same time, on the same loopback interface."""
DONE, ALREADY = (200, {"msg": "done"}), (200, {"msg": "already in group"})


@pytest.fixture(scope="module")
def trio(tmp_path_factory):
    """Three nodes; each test leaves them without a group."""
    with nodes(tmp_path_factory.mktemp("trio"), 3) as three:
        for one in three:
            for other in three:
                if one is not other:
                    eventually(lambda one=one, other=other: one.about(other), (True, False))
        yield three


def part(one: Node, *others: Node) -> None:
    """Nobody of them has anybody in its group any more."""
    for node in (one, *others):
        for entry in node.get("/loadsharing/peers"):
            if entry["joined"] and not entry["isLocal"]:
                assert node.ask("DELETE", f"/loadsharing/peers/{entry['host']}?reciprocal=false") == DONE


@contextmanager
def listener(code: int = 200):
    """Somebody who answers everything and keeps what was asked: (method, path, body)."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.command != "GET":
                asked.append((self.command, self.path, json.loads(body) if body else None))
            self.send_response(code)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - so the library finds them

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_who_is_discovered_is_listed_whole(trio):
    one, other, _ = trio
    assert one.ask("POST", "/loadsharing/discover") == DONE
    hostname = other.get("/status")["hostname"]
    assert one.entry(other.id) == {
        "id": other.id,
        "name": hostname,
        "host": f"{hostname}.local",
        "url": f"http://{other.host}",
        "ip": "127.0.0.1",
        "online": True,
        "joined": False,
        "isLocal": False,
        "version": "0.1.0",
    }
    assert [entry["isLocal"] for entry in one.get("/loadsharing/peers")].count(True) == 1
    assert one.get("/loadsharing/peers")[0]["id"] == one.id


def test_adding_one_adds_the_other_there_and_ends_with_it(trio):
    one, other, third = trio
    one.add(other)
    assert one.about(other) == (True, True)
    eventually(lambda: other.about(one), (True, True))
    assert third.about(one) == third.about(other) == (True, False)
    assert len(other.events("peer_added")) == 1
    assert one.ask("DELETE", f"/loadsharing/peers/{other.host}") == DONE
    assert one.about(other) == (True, False)
    eventually(lambda: other.about(one), (True, False))


def test_every_name_of_a_member_is_the_same_member(trio):
    one, other, _ = trio
    hostname = other.get("/status")["hostname"]
    try:
        one.add(other, reciprocal=False)
        for host in (
            other.host,
            f"  {other.host}\t",
            f"{hostname}.local",
            f"{hostname.upper()}.Local",
            f"{hostname}.local:{other.port}",
        ):
            assert one.ask("POST", "/loadsharing/peers", {"host": host}) == ALREADY
        assert one.entry(other.id)["host"] == other.host
        assert other.about(one) == (True, False)
    finally:
        part(one)


@pytest.mark.parametrize(
    "way", ["{ip}:{port}", "{ip}%3A{port}", "{name}.local", "{NAME}.LOCAL", "{name}.local:{port}", "{name}.local."]
)
def test_every_name_of_a_member_removes_it(trio, way):
    one, other, _ = trio
    hostname = other.get("/status")["hostname"]
    assert one.ask("POST", "/loadsharing/peers", {"host": f"{hostname}.local", "reciprocal": False}) == DONE
    assert one.entry(other.id)["host"] == f"{hostname}.local"
    written = way.format(ip="127.0.0.1", port=other.port, name=hostname, NAME=hostname.upper())
    assert one.ask("DELETE", f"/loadsharing/peers/{written}?reciprocal=false") == DONE
    assert one.about(other) == (True, False)
    assert one.ask("DELETE", f"/loadsharing/peers/{written}") == (404, {"msg": "Peer not found"})


def test_the_group_is_on_the_disk_when_it_is_told(trio):
    one, other, _ = trio
    try:
        one.add(other, reciprocal=False)
        assert json.loads((one.folder / "peers.json").read_text()) == {"peers": [{"hosts": [other.host], "id": other.id}]}
    finally:
        part(one)
    assert json.loads((one.folder / "peers.json").read_text()) == {"peers": []}


def test_a_full_group_says_so(trio):
    one, *_ = trio
    hosts = [f"127.0.0.1:{port}" for port in range(1, 8)]
    for host in hosts:
        assert one.ask("POST", "/loadsharing/peers", {"host": host, "reciprocal": False}) == DONE
    assert one.ask("POST", "/loadsharing/peers", {"host": "10.0.0.8"}) == (409, {"msg": "The group is full: it has 8 members"})
    assert one.ask("POST", "/loadsharing/peers", {"host": hosts[3]}) == ALREADY
    assert sum(entry["joined"] for entry in one.get("/loadsharing/peers")) == 8
    part(one)


def test_who_was_added_is_asked_once_and_who_was_not_is_asked_nothing(trio):
    one, *_ = trio
    with listener() as (host, asked):
        assert one.ask("DELETE", f"/loadsharing/peers/{host}") == (404, {"msg": "Peer not found"})
        assert one.ask("POST", "/loadsharing/peers", {"host": host}) == DONE
        assert one.ask("POST", "/loadsharing/peers", {"host": host}) == ALREADY
        eventually(lambda: asked, [("POST", "/loadsharing/peers", {"host": one.host, "reciprocal": False})])
        assert one.ask("DELETE", f"/loadsharing/peers/{host}") == DONE
        own = one.host.replace(":", "%3A")
        eventually(lambda: asked[1:], [("DELETE", f"/loadsharing/peers/{own}?reciprocal=false", None)])
        assert not [entry for entry in one.get("/loadsharing/peers") if entry["host"] == host]


def test_a_refusal_by_the_other_is_told_in_the_log_and_nothing_else(trio):
    one, *_ = trio
    with listener(403) as (host, asked):
        assert one.ask("POST", "/loadsharing/peers", {"host": host}) == DONE
        eventually(lambda: len(asked), 1)
        eventually(lambda: [line["code"] for line in one.events("reciprocal_refused")], [403])
        part(one)


def test_a_member_refuses_changes_of_its_group(trio):
    one, *_ = trio
    refused = (403, {"msg": "Load sharing configuration is read-only on members"})
    one.configure(enabled=True, role="member", controller_host="10.0.0.1")
    try:
        assert one.ask("POST", "/loadsharing/peers", {"host": "10.0.0.2"}) == refused
        assert one.ask("DELETE", "/loadsharing/peers/10.0.0.2") == refused
        for key, value in (("group_max_current", 10), ("secret", "x"), ("heartbeat_timeout", 5), ("failsafe_mode", "disable")):
            both = {f"loadsharing_{key}": value, "loadsharing_priority": 9}
            assert one.ask("POST", "/config", both) == refused
        assert one.get("/config")["loadsharing_priority"] == 0
        one.configure(priority=2, controller_host="10.0.0.3")
        one.configure(priority=0)
    finally:
        one.configure(enabled=False, role="")
    assert one.ask("DELETE", "/loadsharing/peers/10.0.0.2") == (404, {"msg": "Peer not found"})


def test_a_member_that_dies_is_offline_and_back_when_it_is_back(tmp_path):
    with nodes(tmp_path, 2) as [one, other]:
        one.add(other)
        eventually(lambda: (one.about(other), other.about(one)), ((True, True), (True, True)))
        other.stop(signal.SIGKILL)
        eventually(lambda: one.about(other), (False, True))
        told = one.get("/loadsharing/status")
        assert (told["online_count"], told["offline_count"]) == (1, 1)
        other.start()
        eventually(lambda: (one.about(other), other.about(one)), ((True, True), (True, True)))
        # The same again for one that does not run, but does not refuse anything either.
        other.process.send_signal(signal.SIGSTOP)
        eventually(lambda: one.about(other), (False, True))
        other.process.send_signal(signal.SIGCONT)
        eventually(lambda: one.about(other), (True, True))
        one.stop()
        one.start()
        eventually(lambda: (one.about(other), other.about(one)), ((True, True), (True, True)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP])
def test_who_was_only_discovered_vanishes(tmp_path, number):
    with nodes(tmp_path, 2) as [one, other]:
        eventually(lambda: one.about(other), (True, False))
        other.process.send_signal(number)
        eventually(lambda: one.about(other), None)
        said = [line["id"] for line in one.events("peer_said_goodbye") if line["id"] == other.id]
        assert said == ([other.id] if number == signal.SIGTERM else [])


def test_a_request_finds_who_has_just_come(tmp_path):
    """With the intervals of the contract: only the request, or the newcomer's announcement, can be what finds it."""
    with nodes(tmp_path, 2, "--discovery-interval=60", "--set-config=loadsharing_heartbeat_timeout=30") as [one, other]:
        one.ask("POST", "/loadsharing/discover")
        other.ask("POST", "/loadsharing/discover")
        eventually(lambda: (one.about(other), other.about(one)), ((True, False), (True, False)), 3)


def test_two_of_the_same_name_are_two(tmp_path):
    with nodes(tmp_path, 3, f"--set-config=hostname=Twin-{LABEL}") as three:
        for one in three:
            eventually(lambda one=one: [one.about(other) for other in three if other is not one], [(True, False)] * 2)
        eventually(lambda: len({one.get("/status")["hostname"].lower() for one in three}), 3)
        names = {one.id: one.get("/status")["hostname"] for one in three}
        for one in three:
            assert one.get("/config")["hostname"] == one.get("/loadsharing/peers")[0]["name"] == names[one.id]
            for other in three:
                eventually(lambda one=one, other=other: one.entry(other.id)["host"], f"{names[other.id]}.local")
        first = three[0]
        assert first.ask("POST", "/config", {"hostname": f"Single-{LABEL}"})[0] == 200
        eventually(lambda: (three[1].entry(first.id) or {}).get("host"), f"Single-{LABEL}.local")
        assert first.id not in [line["id"] for line in three[1].events("peer_said_goodbye")]


def test_those_who_are_slow_or_dead_hold_up_nobody(tmp_path):
    """One accepts and says nothing, one is where nobody is, one is a name that nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as silent, nodes(tmp_path, 2) as [one, other]:
        for host in (f"127.0.0.1:{silent.getsockname()[1]}", "192.0.2.77", "nobody-at-all.invalid"):
            begun = time.monotonic()
            assert one.ask("POST", "/loadsharing/peers", {"host": host}) == DONE
            assert time.monotonic() - begun < 1
        one.add(other)
        eventually(lambda: one.about(other), (True, True))
        offline = [entry["host"] for entry in one.get("/loadsharing/peers") if entry["joined"] and not entry["online"]]
        assert len(offline) == 3
        begun = time.monotonic()
        assert one.stop() == 0
        assert time.monotonic() - begun < 3


def test_the_same_member_added_by_two_names_before_it_is_known_is_one(tmp_path):
    place = tmp_path / "late"
    place.mkdir()
    late = Node(place, *FAST, f"--set-config=hostname=latecomer-{LABEL}")
    late.stop()
    eventually(late.process.poll, 0)
    with nodes(tmp_path, 1) as [one]:
        for host in (late.host, f"latecomer-{LABEL}.local"):
            assert one.ask("POST", "/loadsharing/peers", {"host": host, "reciprocal": False}) == DONE
        assert sum(entry["joined"] for entry in one.get("/loadsharing/peers")) == 3
        late.start()
        try:
            eventually(lambda: sum(entry["joined"] for entry in one.get("/loadsharing/peers")), 2)
            eventually(lambda: one.about(late), (True, True))
            assert one.ask("DELETE", f"/loadsharing/peers/latecomer-{LABEL}.local?reciprocal=false") == DONE
            assert one.about(late) == (True, False)
        finally:
            late.end()
