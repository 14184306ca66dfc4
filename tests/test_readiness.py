"""Looks at whether a program is ready."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from support.kit.ports import lease_port
from support.kit.profile import ReadyLog, ReadyUrl
from support.kit.readiness import accepts, answers, look_at


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def look(ready, *, port=lambda: False, logged="", values=None):
    return look_at(ready, port=port, logged=lambda: logged, values=values or {})()


def test_http_is_ready_by_its_status(port):
    assert answers(f"http://127.0.0.1:{port}/health", 200)
    assert answers(f"http://127.0.0.1:{port}/other")
    assert not answers(f"http://127.0.0.1:{port}/other", 200)


def test_what_the_environment_says_of_proxies_is_meant_for_other_places(port, monkeypatch):
    with lease_port() as nobody:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert answers(f"http://127.0.0.1:{port}/health", 200)


def test_nobody_is_there(port):
    with lease_port() as lease:
        assert not answers(f"http://127.0.0.1:{lease.port}/health")
        assert not accepts("127.0.0.1", lease.port)


def test_a_port_that_accepts_is_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert accepts("127.0.0.1", server.getsockname()[1])


def test_a_url_is_filled_in(port):
    assert look(ReadyUrl(url="http://127.0.0.1:{metrics_port}/health"), values={"metrics_port": str(port)})
    assert not look(ReadyUrl(url="http://127.0.0.1:{metrics_port}/busy"), values={"metrics_port": str(port)})


@pytest.mark.parametrize(("logged", "ready"), [("starting\nready at 80\n", True), ("not ready\n", False), ("", False)])
def test_a_log_is_ready_when_a_line_matches(logged, ready):
    assert look(ReadyLog(log="^ready at"), logged=logged) is ready


def test_port_is_looked_at_as_the_caller_says():
    assert look("port", port=lambda: True)
    assert not look("port")
