import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

from support.kit.errors import InfrastructureError
from support.kit.metrics import ScrapeError, parse, scrape

TEXT = """\
# HELP sent_total Packets.
# TYPE sent_total counter
sent_total{device_id="A",outcome="success"} 3.0
sent_total{outcome="error",device_id="A"} 1.0
sent_total{device_id="B",outcome="success"} 5.0

# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 1
latency_seconds_bucket{le="+Inf"} 2
latency_seconds_sum 0.5
latency_seconds_count 2
up 1
odd{name="x",text="a \\"b\\" {c}, d"} NaN 1700000000000
"""


def test_value_sums_what_carries_the_labels() -> None:
    found = parse(TEXT)
    assert found.text == TEXT
    assert found.value("sent_total") == 9.0
    assert found.value("sent_total", device_id="A") == 4.0
    assert found.value("sent_total", device_id="A", outcome="error") == 1.0
    assert found.value("sent_total", device_id="C") == 0.0
    assert found.value("sent_total", colour="red") == 0.0
    assert found.value("latency_seconds_sum") == 0.5
    assert found.value("latency_seconds_bucket", le="+Inf") == 2.0
    assert math.isnan(found.value("odd"))


def test_only_the_exact_name_counts() -> None:
    found = parse(TEXT)
    assert [found.has(name) for name in ("sent_total", "sent", "latency_seconds", "up")] == [True, False, False, True]
    assert found.value("sent") == 0.0


def test_a_counter_without_its_suffix_does_not_get_one() -> None:
    found = parse("# TYPE sent counter\nsent 3\n")
    assert found.has("sent")
    assert not found.has("sent_total")


def test_series_are_told_apart_by_sorted_labels() -> None:
    assert parse(TEXT).series("sent_total") == {
        (("device_id", "A"), ("outcome", "success")): 3.0,
        (("device_id", "A"), ("outcome", "error")): 1.0,
        (("device_id", "B"), ("outcome", "success")): 5.0,
    }
    assert parse(TEXT).series("up") == {(): 1.0}
    assert parse(TEXT).series("down") == {}


def test_a_difference_counts_what_is_new_and_what_is_gone() -> None:
    earlier = parse('a{x="1"} 1\na{x="2"} 5\ngone 2\n')
    later = parse('a{x="1"} 4\na{x="3"} 7\nnew 1\n')
    difference = later.minus(earlier)
    assert difference.series("a") == {(("x", "1"),): 3.0, (("x", "2"),): -5.0, (("x", "3"),): 7.0}
    assert difference.value("a") == 5.0
    assert difference.value("gone") == -2.0
    assert difference.value("new") == 1.0
    assert difference.value("never") == 0.0
    assert difference.has("gone")
    assert earlier.value("a") == 6.0


def test_nothing_is_a_scrape_of_nothing() -> None:
    assert not parse("").has("up")
    assert parse("\r\nup 1\r\n").value("up") == 1.0


@pytest.mark.parametrize(
    "line",
    ["<html>no</html>", "up", "up one", "up{a=1} 2", 'up{a="1" 2', "# TYPE up nonsense", "9up 1", 'up{a="x",a="y"} 1', "{} 1"],
)
def test_what_is_no_metric_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ScrapeError, match=r"not Prometheus text in line 3: ") as caught:
        parse(f"a 1\nb 2\n{line}\nc 3\n")
    assert line[:20] in str(caught.value)
    assert isinstance(caught.value, InfrastructureError)


def test_a_repeated_series_is_refused() -> None:
    with pytest.raises(ScrapeError, match="line 2 repeats a series"):
        parse('a{x="1",y="2"} 1\na{y="2",x="1"} 1\n')


def test_a_real_endpoint_is_scraped() -> None:
    registry = CollectorRegistry()
    counter = Counter("sent", "Packets.", ["device_id"], registry=registry)
    histogram = Histogram("latency_seconds", "Time.", buckets=(0.1, 1), registry=registry)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        url = f"http://127.0.0.1:{server.server_port}/metrics"
        counter.labels("A").inc(2)
        before = scrape(url)
        counter.labels("A").inc(3)
        histogram.observe(0.5)
        after = scrape(url, within=10.0)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert before.value("sent_total", device_id="A") == 2.0
    assert after.minus(before).value("sent_total") == 3.0
    assert after.minus(before).value("latency_seconds_count") == 1.0
    with pytest.raises(ScrapeError, match=r"http://127.0.0.1:\d+/metrics: ConnectionRefusedError"):
        scrape(url)


@contextlib.contextmanager
def endpoint(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """An HTTP server for one request, whose answer is written by hand; with what it was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            asked.append(client.recv(65536))
            with contextlib.suppress(ConnectionError):  # the scraper may have gone already
                answer(client)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join(10)
        assert not thread.is_alive()


def reply(status: str, body: bytes, headers: str = "") -> Callable[[socket.socket], None]:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda client: client.sendall(head + body)


def test_path_and_query_are_asked_for_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with endpoint(reply("200 OK", b"up 1\n")) as (url, asked):
        assert scrape(f"{url}/a/metrics?x=1&y=2").value("up") == 1.0
    assert asked[0].startswith(b"GET /a/metrics?x=1&y=2 HTTP/1.1\r\n")
    with endpoint(reply("200 OK", b"up 1\n")) as (url, asked):
        scrape(url)
    assert asked[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply("503 Busy", b"come back later"), "answered 503 Busy: b'come back later'"),
        (reply("302 Found", b"", "Location: http://127.0.0.1/\r\n"), "answered 302 Found"),
        (reply("200 OK", b"<html>"), "not Prometheus text in line 1"),
        (reply("200 OK", b"up \xff\n"), "UnicodeDecodeError"),
        (lambda client: client.sendall(b"SSH-2.0-OpenSSH\r\n"), "BadStatusLine"),
        (lambda client: client.close(), "RemoteDisconnected"),
        (lambda client: client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nup 1\n"), "IncompleteRead"),
    ],
)
def test_a_bad_answer_is_refused_with_its_address(answer: Callable[[socket.socket], None], text: str) -> None:
    with endpoint(answer) as (url, _), pytest.raises(ScrapeError) as caught:
        scrape(url, within=10.0)
    assert str(caught.value).startswith(f"{url}: ")
    assert text in str(caught.value)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_an_answer_that_trickles_is_given_up_in_time(head: bytes) -> None:
    def trickle(client: socket.socket) -> None:
        client.sendall(head)
        for _ in range(200):  # each byte comes long before a time-out for one byte would
            client.sendall(b"x")
            time.sleep(0.05)

    with endpoint(trickle) as (url, _):
        began = time.monotonic()
        with pytest.raises(ScrapeError, match=r"no full answer within 0\.4 s"):
            scrape(url, within=0.4)
        assert 0.39 <= time.monotonic() - began < 5.0


def test_no_answer_at_all_is_given_up_in_time() -> None:
    gone = threading.Event()

    def wait(_: socket.socket) -> None:
        gone.wait(10)

    with endpoint(wait) as (url, _):
        began = time.monotonic()
        with pytest.raises(ScrapeError, match=r"no full answer within 0\.2 s"):
            scrape(url, within=0.2)
        assert 0.19 <= time.monotonic() - began < 5.0
        gone.set()


def test_no_time_at_all_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(ScrapeError, match="no full answer"):
        scrape(f"http://127.0.0.1:{listener.getsockname()[1]}", within=1e-9)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "127.0.0.1:9400", "http://", "http://127.0.0.1:99999999/metrics"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ScrapeError):
        scrape(url)
