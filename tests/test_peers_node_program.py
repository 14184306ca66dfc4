"""The node as a program: how it starts, what it keeps, what it answers, and how it ends."""

import json
import secrets
import signal
import socket
import subprocess
import time

import pytest
from node_program import ENVIRONMENT, FAST, NODE, Node, eventually, nodes

LABEL = secrets.token_hex(3)
DEFAULTS = {
    "loadsharing_enabled": False,
    "loadsharing_role": "",
    "loadsharing_controller_host": "",
    "loadsharing_group_id": "",
    "loadsharing_group_max_current": 0,
    "loadsharing_safety_factor": 1,
    "loadsharing_heartbeat_timeout": 1,
    "loadsharing_failsafe_mode": "safe_current",
    "loadsharing_failsafe_safe_current": 6,
    "loadsharing_failsafe_peer_assumed_current": 6,
    "loadsharing_priority": 0,
    "loadsharing_rotation_interval": 1800,
    "loadsharing_secret_set": False,
}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with nodes(tmp_path_factory.mktemp("program"), 1) as [one]:
        yield one


def started(folder, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NODE, *flags], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--set-config", "www_http_port"], "'www_http_port' is not KEY=VALUE"),
        (["--set-config", "www_http_port=70000"], "www_http_port must be a whole number from 0 to 65535"),
        (["--set-config", "www_http_port=0x10"], "www_http_port must be a whole number from 0 to 65535"),
        (["--set-config", "hostname=a b"], "hostname must be 1 to 63 letters, digits and hyphens"),
        (["--set-config", "loadsharing_role=king"], "loadsharing_role must be one of"),
        (["--discovery-interval", "0"], "'0' is not a number of seconds"),
        (["--status-interval", "nan"], "'nan' is not a number of seconds"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_exit_code_2(tmp_path, flags, told):
    done = started(tmp_path, *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_and_version_are_told(tmp_path):
    assert started(tmp_path, "--version").stdout.startswith("charger-node 0.")
    assert "--rapi-serial" in started(tmp_path, "--help").stdout


def test_a_taken_port_is_exit_code_3(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = started(tmp_path, "--set-config", f"www_http_port={taken.getsockname()[1]}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Address already in use" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_with_exit_code_0(tmp_path, number):
    node = Node(tmp_path, *FAST)
    begun = time.monotonic()
    assert node.stop(number) == 0
    assert time.monotonic() - begun < 3
    assert [line["event"] for line in map(json.loads, node.log().splitlines())][-1] == "node_ended"


def test_unknown_keys_of_the_command_line_are_passed_over(tmp_path):
    with nodes(tmp_path, 1, "--set-config", "mqtt_server=10.0.0.1", "--set-config", f"hostname=Left-{LABEL}") as [one]:
        assert one.ready == {"ready": True, "port": one.port, "id": one.id, "hostname": f"Left-{LABEL}"}
        assert one.get("/status")["hostname"] == f"Left-{LABEL}"


def test_a_fresh_node_has_the_defaults_and_lists_itself(node):
    config = node.get("/config")
    assert {key: config[key] for key in DEFAULTS} == DEFAULTS
    assert config["hostname"] == f"openevse-{node.id[-4:]}"
    assert len(node.id) == 12
    own = node.get("/loadsharing/peers")[0]
    assert own == {
        "id": node.id,
        "name": config["hostname"],
        "host": f"{config['hostname']}.local",
        "url": f"http://{node.host}",
        "ip": "127.0.0.1",
        "online": True,
        "joined": True,
        "isLocal": True,
        "version": node.get("/status")["version"],
    }
    assert node.get("/status")["evse_connected"] is False


def test_the_group_status_of_a_lonely_node(node):
    told = node.get("/loadsharing/status")
    assert (told["enabled"], told["failsafe_active"], told["online_count"], told["offline_count"]) == (False, False, 1, 0)
    assert told["allocations"] == []
    [own] = told["peers"]
    assert own["status"].keys() == {"amp", "voltage", "pilot", "vehicle", "state", "min_current", "max_current", "priority"}
    assert abs(own["last_seen"] - time.time()) < 60
    assert abs(told["computed_at"] - time.time()) < 600


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "msg"),
    [
        ("GET", "/nothing", None, 404, "Not found"),
        ("GET", "/", None, 404, "Not found"),
        ("PUT", "/config", None, 405, "Method not allowed; allowed: GET, POST"),
        ("DELETE", "/loadsharing/peers", None, 405, "Method not allowed; allowed: GET, POST"),
        ("DELETE", "/loadsharing/peers/", None, 405, "Method not allowed; allowed: GET, POST"),
        ("GET", "/loadsharing/peers/10.0.0.1", None, 405, "Method not allowed; allowed: DELETE"),
        ("GET", "/loadsharing/discover", None, 405, "Method not allowed; allowed: POST"),
        ("GET", "/ws", None, 400, "This is a WebSocket"),
        ("DELETE", "/loadsharing/peers/10.9.9.9", None, 404, "Peer not found"),
        ("DELETE", "/loadsharing/peers/nobody", None, 404, "Peer not found"),
        ("DELETE", "/loadsharing/peers/%ff", None, 400, "The path is not UTF-8"),
        ("DELETE", "/loadsharing/peers/%zz", None, 400, "The path has a percent sign without two hexadecimal digits"),
        ("POST", "/loadsharing/peers", b"", 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b"{", 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b"[]", 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b'"x"', 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b'{"host": NaN}', 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b'{"host": "\xff"}', 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", b"[" * 60_000, 400, "Invalid JSON"),
        ("POST", "/loadsharing/peers", {}, 400, "Missing required 'host' parameter"),
        ("POST", "/loadsharing/peers", {"host": None}, 400, "Missing required 'host' parameter"),
        ("POST", "/loadsharing/peers", {"host": ""}, 400, "Host cannot be empty"),
        ("POST", "/loadsharing/peers", {"host": " \t"}, 400, "Host cannot be empty"),
        ("POST", "/loadsharing/peers", {"host": 7}, 400, "Invalid host format - must contain domain or IP"),
        ("POST", "/loadsharing/peers", {"host": "localhost"}, 400, "Invalid host format - must contain domain or IP"),
        ("POST", "/loadsharing/peers", {"host": "10.0.0.1", "reciprocal": "no"}, 400, "'reciprocal' must be true or false"),
        ("POST", "/config", b"x", 400, "Invalid JSON"),
        ("POST", "/config", b"1", 400, "Invalid JSON"),
        ("POST", "/config", b" " * 70_000, 413, "The body may have 65536 bytes"),
        ("POST", "/config", {"hostname": "a.b"}, 400, "hostname must be 1 to 63 letters, digits and hyphens"),
        ("POST", "/config", {"www_http_port": "80"}, 400, "www_http_port must be a whole number from 0 to 65535"),
    ],
)
def test_every_mistake_is_answered_with_a_code_and_its_reason(node, method, path, body, code, msg):
    assert node.ask(method, path, body) == (code, {"msg": msg})


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /config HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /config HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /config HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_answered_with_json_too(node, raw):
    with socket.create_connection(("127.0.0.1", node.port), timeout=5) as link:
        link.sendall(raw)
        head, _, body = b"".join(iter(lambda: link.recv(4096), b"")).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), head
    assert json.loads(body).keys() == {"msg"}


def test_nobody_can_add_the_node_to_itself_nor_remove_it(node):
    hostname = node.get("/status")["hostname"]
    for host in (node.host, f" {node.host} ", f"{hostname}.local", f"{hostname.upper()}.LOCAL:{node.port}"):
        assert node.ask("POST", "/loadsharing/peers", {"host": host}) == (400, {"msg": "Cannot add local device as peer"})
        assert node.ask("DELETE", f"/loadsharing/peers/{host.strip()}") == (400, {"msg": "Cannot remove the local device"})


def test_settings_change_as_a_whole_or_not_at_all(tmp_path):
    with nodes(tmp_path, 1) as [node]:
        done = node.ask("POST", "/config", {"loadsharing_group_max_current": 40, "loadsharing_secret": "s3cret", "mqtt": 1})
        assert done == (200, {"config_version": 1, "msg": "done"})
        again = node.ask("POST", "/config", {"loadsharing_group_max_current": 40})
        assert again == (200, {"config_version": 1, "msg": "no change"})
        assert node.ask("POST", "/config", {"mqtt": 1}) == (200, {"config_version": 1, "msg": "no change"})
        code, body = node.ask("POST", "/config", {"loadsharing_priority": 3, "loadsharing_failsafe_safe_current": 41})
        assert code == 400
        assert "must not exceed" in body["msg"]
        config = node.get("/config")
        assert (config["loadsharing_priority"], config["loadsharing_group_max_current"]) == (0, 40)
        assert config["loadsharing_secret_set"] is True
        assert "s3cret" not in json.dumps(config)
        node.stop()
        node.start()
        assert node.get("/config") == {**config, "www_http_port": node.port}
        assert "s3cret" not in node.log()


def test_files_that_make_no_sense_are_kept_aside_and_told_of(tmp_path):
    place = tmp_path / "node"
    place.mkdir()
    (place / "peers.json").write_text('{"peers": [{"hosts": ["10.0.0.1"]')
    (place / "config.json").write_text('{"hostname": 5}')
    (place / "station.json").write_text("\x00")
    (place / "device_id").write_text("?")
    node = Node(place, *FAST)
    try:
        assert [one["id"] for one in node.get("/loadsharing/peers") if one["joined"]] == [node.id]
        for event, name in (("group", "peers.json"), ("config", "config.json"), ("station", "station.json")):
            assert [line["kept_as"] for line in node.events(f"{event}_file_corrupt")] == [f"{name}.corrupt"]
        assert [line["kept_as"] for line in node.events("device_id_corrupt")] == ["device_id.corrupt"]
        assert (place / "peers.json.corrupt").read_text() == '{"peers": [{"hosts": ["10.0.0.1"]'
    finally:
        node.end()


def test_the_id_is_kept_and_is_anothers_in_another_folder(tmp_path):
    with nodes(tmp_path, 2) as [one, other]:
        assert one.id != other.id
        before = one.id
        one.stop(signal.SIGKILL)
        one.start()
        assert one.id == before


def test_a_socket_tells_the_status_whole_and_then_what_changes(node):
    import asyncio

    import aiohttp

    async def work():
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://{node.host}/ws") as socket:

            async def ask(text: str):
                await socket.send_str(text)
                return await socket.receive_json(timeout=5)

            whole = await socket.receive_json(timeout=5)
            assert whole == node.get("/status")
            assert await ask('{"ping": 1}') == {"pong": 1}
            for bad, msg in (("x", "Invalid JSON"), ("[]", "Invalid JSON"), ('{"a": 1}', "A frame is a ping or an allocation")):
                assert await ask(bad) == {"error": {"msg": msg}}
            frame = {"loadsharing": {"target_current": 6, "reason": "x"}}
            assert await ask(json.dumps(frame)) == {"error": {"msg": "This node is no member of a group"}}
            await socket.send_bytes(b"{}")
            assert await socket.receive_json(timeout=5) == {"error": {"msg": "A frame is text"}}
            await asyncio.to_thread(node.configure, priority=4)
            assert await socket.receive_json(timeout=5) == {"priority": 4}
            await asyncio.to_thread(node.configure, priority=0)
            assert await socket.receive_json(timeout=5) == {"priority": 0}

    asyncio.run(work())


def test_it_answers_while_others_read_nothing(node):
    import asyncio

    import aiohttp

    async def work():
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(f"http://{node.host}/ws") for _ in range(8)]
            for socket_ in sockets:
                for _ in range(500):
                    await socket_.send_str("nonsense")
            assert (await asyncio.to_thread(node.get, "/status"))["id"] == node.id

    asyncio.run(work())
    eventually(lambda: node.get("/status")["id"], node.id)
