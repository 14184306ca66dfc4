"""What is asked of a node over HTTP, and what it answers, read liberally."""

import json
from dataclasses import dataclass
from time import monotonic
from urllib.parse import quote

import requests

from support.kit.direct import direct
from support.kit.errors import PromiseBrokenError
from support.kit.wire import WireLog

LIMIT = 5.0
"""Seconds for an answer, where nothing else was agreed."""
READING = "/loadsharing/peers"
SHOWN = 2000
"""Letters of an answer that are kept as evidence."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `asked` is the request in words, `seconds` what it took."""

    asked: str
    code: int
    text: str
    kind: str
    seconds: float

    @property
    def body(self) -> object:
        """What the text means as JSON; the text itself where it is none."""
        try:
            meant: object = json.loads(self.text)
        except ValueError:
            return self.text
        return meant

    @property
    def message(self) -> str:
        """What it says: the field `msg`, or all of it where it is just words."""
        body = self.body
        if isinstance(body, dict):
            return str(body.get("msg", ""))
        return body.strip() if isinstance(body, str) else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text[:300]!r} to {self.asked}"


class Rest:
    """One node's HTTP side. `name` and `wire`: for the evidence."""

    def __init__(self, base: str, name: str, wire: WireLog | None) -> None:
        self.base = base
        self.name = name
        self.wire = wire

    def get(self, path: str, within: float = LIMIT) -> Answer:
        """PromiseBrokenError where nobody answers within `within` seconds."""
        return self._ask("GET", path, None, within)

    def post(self, path: str, body: object = None, within: float = LIMIT) -> Answer:
        """`body` as JSON; bytes as they are; None for no body."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        return self._ask("POST", path, data, within)

    def delete(self, path: str, within: float = LIMIT) -> Answer:
        """As get()."""
        return self._ask("DELETE", path, None, within)

    def peers(self, within: float = LIMIT) -> list[dict[str, object]]:
        """The entries of its list. PromiseBrokenError for anything but a bare array of objects."""
        answer = self.get(READING, within)
        body = answer.body
        if answer.code != 200 or not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
            raise PromiseBrokenError(
                "a charger that is asked for its peers answers 200 with a bare array of entries", str(answer)
            )
        return body

    def object_at(self, path: str, within: float = LIMIT) -> dict[str, object]:
        """The object that it answers. PromiseBrokenError for anything else."""
        answer = self.get(path, within)
        body = answer.body
        if answer.code != 200 or not isinstance(body, dict):
            raise PromiseBrokenError(f"a charger that is asked for {path} answers 200 with an object", str(answer))
        return body

    def _ask(self, method: str, path: str, data: bytes | None, within: float) -> Answer:
        asked = f"{method} {path}"
        begun = monotonic()
        self._note("suite", f"{asked} {(data or b'')[:SHOWN].decode('utf-8', 'replace')}".strip())
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            # A connection of its own each time: a node that was restarted shares none with the one before.
            with direct() as session:
                response = session.request(
                    method, self.base + path, data=data, headers=headers, timeout=within, allow_redirects=False
                )
        except requests.RequestException as error:
            told = f"{type(error).__name__} after {monotonic() - begun:.2f} s"
            self._note(self.name, told)
            raise PromiseBrokenError(
                f"the charger {self.name} answers {asked} within {within:g} s", f"{told}: {error}"
            ) from error
        kind = response.headers.get("Content-Type", "")
        answer = Answer(asked, response.status_code, response.content.decode("utf-8", "replace"), kind, monotonic() - begun)
        self._note(self.name, f"{answer.code} {answer.text[:SHOWN]}")
        if answer.seconds > within:  # one that trickles is never silent for so long
            raise PromiseBrokenError(
                f"the charger {self.name} answers {asked} within {within:g} s", f"{answer} after {answer.seconds:.2f} s"
            )
        return answer

    def _note(self, who: str, what: str) -> None:
        if self.wire is not None:
            self.wire.event(who, what)


def in_path(host: str) -> str:
    """A host as it stands in a path; what is written with percent signs already stays as it is."""
    return quote(host, safe=":[]%.-_~")
