"""Prometheus text, over HTTP, into numbers; and what changed between two scrapes."""

import http.client
import io
import socket
import urllib.parse
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from support.kit.deadline import Deadline
from support.kit.errors import InfrastructureError

Labels = tuple[tuple[str, str], ...]
"""Sorted pairs of name and value: what tells the series of one name apart."""


class ScrapeError(InfrastructureError):
    """Metrics could not be had, or are not Prometheus text."""


class SeriesSet:
    """Numbers by exact sample name (`..._total`, `..._bucket`, `..._sum`) and labels."""

    def __init__(self, numbers: Mapping[str, Mapping[Labels, float]]) -> None:
        self._numbers = numbers

    def value(self, name: str, **labels: str) -> float:
        """The sum over all series of `name` that carry the given labels, among others; 0.0 for none."""
        wanted = labels.items()
        return sum((number for key, number in self.series(name).items() if wanted <= dict(key).items()), 0.0)

    def has(self, name: str) -> bool:
        return name in self._numbers

    def series(self, name: str) -> dict[Labels, float]:
        """Every series of exactly this name; empty for a name that is not there."""
        return dict(self._numbers.get(name, {}))


class Scrape(SeriesSet):
    """One answer of a metrics endpoint, and the `text` it came from."""

    def __init__(self, text: str, numbers: Mapping[str, Mapping[Labels, float]]) -> None:
        super().__init__(numbers)
        self.text = text

    def minus(self, earlier: "Scrape") -> SeriesSet:
        """What was added since; a series that one of the two lacks counts as 0.0 there."""
        return SeriesSet(
            {
                name: {key: now.get(key, 0.0) - then.get(key, 0.0) for key in now | then}
                for name in self._numbers.keys() | earlier._numbers.keys()
                for now, then in [(self.series(name), earlier.series(name))]
            }
        )


def parse(text: str) -> Scrape:
    """ScrapeError naming the line that is not Prometheus text, or that repeats a series."""
    numbers: dict[str, dict[Labels, float]] = {}
    # Line by line: fed whole, the parser adds `_total` to a counter that lacks it: a wrong name would look right.
    for row, line in enumerate(text.split("\n"), start=1):
        try:
            samples = [sample for family in text_string_to_metric_families(line) for sample in family.samples]
        except (ValueError, IndexError) as error:
            raise ScrapeError(f"not Prometheus text in line {row}: {line[:200]!r} ({error})") from error
        for sample in samples:
            series = numbers.setdefault(sample.name, {})
            key = tuple(sorted(sample.labels.items()))
            if key in series:
                raise ScrapeError(f"line {row} repeats a series: {line[:200]!r}")
            series[key] = float(sample.value)
    return Scrape(text, numbers)


def scrape(url: str, within: float = 2.0) -> Scrape:
    """GET `url` and parse the answer; `within` seconds bound the whole of it, however slowly it trickles.

    ScrapeError for a refusal, no answer in time, a status other than 200, or a bad text. Proxies that the
    environment names are not used.
    """
    deadline = Deadline(within)
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ScrapeError(f"{url}: not an http or https address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname, parts.port, timeout=within)
        try:
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            body = _get(connection, target, deadline)
        finally:
            connection.close()
        return parse(body.decode())
    except TimeoutError as error:
        raise ScrapeError(f"{url}: no full answer within {within:g} s") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ScrapeError(f"{url}: {type(error).__name__}: {error}") from error
    except ScrapeError as error:
        raise ScrapeError(f"{url}: {error}") from error


def _get(connection: http.client.HTTPConnection, target: str, deadline: Deadline) -> bytes:
    connection.connect()
    connection.request("GET", target, headers={"Accept": "text/plain;version=0.0.4", "Connection": "close"})
    with http.client.HTTPResponse(connection.sock, method="GET") as response:
        response.fp = io.BufferedReader(_UntilDeadline(connection.sock, response.fp, deadline))
        response.begin()
        body = response.read()
        if response.status != 200:
            raise ScrapeError(f"answered {response.status} {response.reason}: {body[:200]!r}")
        return body


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes while there is time. A plain socket timeout starts anew with every byte."""

    def __init__(self, sock: socket.socket, owner: io.BufferedReader, deadline: Deadline) -> None:
        self._sock, self._owner, self._deadline = sock, owner, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        remaining = self._deadline.remaining
        if not remaining:
            raise TimeoutError("no time left")
        self._sock.settimeout(remaining)
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        self._owner.close()
        super().close()
