"""The pipeline over HTTP: every request it knows, and its answers as they came. Status codes are for others to judge.

Sound goes in as bytes: PCM16, or a whole file. Every wait has a limit.
"""

import base64
import json
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import requests

from support.audio import protocol
from support.audio.frames import latency_in, object_in, text_in
from support.audio.shortening import shortened
from support.audio.silence import REQUEST_LIMIT, SilenceError, patience
from support.kit.direct import direct
from support.kit.errors import PromiseBrokenError
from support.kit.metrics import Scrape, ScrapeError, parse
from support.kit.wire import WireLog

Json = dict[str, object] | list[object]
Headers = Mapping[str, str]
CONNECT_LIMIT = 5.0
CLIENT = "client"
REFUSED = 422
"""The status of a configuration that cannot be."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a request, as the pipeline says. Empty where it does not say."""

    code: str
    message: str
    field: str


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP. body: its JSON, None where it is none. seconds: from the request to the whole answer."""

    code: int
    body: Json | None
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    seconds: float
    data: bytes = field(default=b"", repr=False)

    @property
    def fields(self) -> Mapping[str, object]:
        """Its object, empty where it is none."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def error(self) -> Problem | None:
        """What it says is wrong; None where it does not say so in the agreed form."""
        told = object_in(self.fields, "error")
        if not told:
            return None
        return Problem(text_in(told, "code"), text_in(told, "message"), text_in(told, "field"))

    @property
    def latency_samples(self) -> int:
        """The delay that it tells, in samples; 0 where it tells none."""
        return latency_in(self.fields)

    @property
    def metrics(self) -> Mapping[str, object]:
        """Its figures, empty where there are none."""
        return object_in(self.fields, "metrics")

    def __str__(self) -> str:
        short = shortened(self.text.encode("utf-8", "replace")).decode("utf-8", "replace")
        return f"{self.code} {short if len(short) <= 400 else short[:400] + '...'}".strip()


class Rest:
    """`token` goes with every request, where there is one. `started`: the ids of all sessions that were begun here.

    `key`: whose silences are counted. Each method raises PromiseBrokenError where no answer comes `within` so many seconds.
    """

    def __init__(
        self, url: str, wire: WireLog, key: Hashable, token: str | None = None, started: list[str] | None = None
    ) -> None:  # fmt: skip
        self.url = url.rstrip("/")
        self.token = token
        self.started = [] if started is None else started
        self._wire = wire
        self._key = key

    def with_token(self, token: str | None) -> "Rest":
        """The same pipeline, asked by somebody with another token, or with none."""
        return Rest(self.url, self._wire, self._key, token, self.started)

    # What the contract knows

    def health(self) -> Answer:
        """`{status, version, uptime, sessions}`."""
        return self.raw("GET", protocol.HEALTH)

    def start(self, config: Mapping[str, object], session_config: Mapping[str, object] | None = None) -> Answer:
        """Begin a session. A session that was begun is ended with the scenario."""
        body: dict[str, object] = {"pipeline_config": config}
        if session_config is not None:
            body["session_config"] = session_config
        answer = self.raw("POST", protocol.START, json_body=body)
        if session_id := text_in(answer.fields, "session_id"):
            self.started.append(session_id)
        return answer

    def sessions(self, within: float = REQUEST_LIMIT) -> Answer:
        """`{active_sessions}`."""
        return self.raw("GET", protocol.SESSIONS, within=within)

    def stop(self, session_id: str, within: float = REQUEST_LIMIT) -> Answer:
        """End a session."""
        return self.raw("DELETE", f"{protocol.REALTIME}/{quote(session_id, safe='')}", within=within)

    def process(
        self, config: Mapping[str, object] | str | None, *, audio: bytes | None, as_file: bool = True,
        filename: str = "recording.wav", within: float = REQUEST_LIMIT, **fields: str | int,
    ) -> Answer:  # fmt: skip
        """Process a recording: as a file, or as base64 in a form. config: text goes as it is, None is left out."""
        form = {name: str(value) for name, value in fields.items()}
        if config is not None:
            form["pipeline_config"] = config if isinstance(config, str) else json.dumps(config)
        if audio is not None and not as_file:
            form["audio_data"] = base64.b64encode(audio).decode()
        files = {"audio_file": (filename, audio)} if audio is not None and as_file else None
        return self.raw("POST", protocol.PROCESS, form=form, files=files, within=within)

    def stage(self, name: str, body: Mapping[str, object], *, as_form: bool = False, within: float = REQUEST_LIMIT) -> Answer:
        """Have one stage process some sound: `{audio_data, sample_rate, stage_config}`."""
        path = f"{protocol.STAGE}/{quote(name, safe='')}"
        if not as_form:
            return self.raw("POST", path, json_body=body, within=within)
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}
        return self.raw("POST", path, form=form, within=within)

    def spectrum(self, body: Mapping[str, object], within: float = REQUEST_LIMIT) -> Answer:
        """Have a spectrum taken: `{audio_data, sample_rate, channels, window_size, overlap, window_type}`."""
        return self.raw("POST", protocol.SPECTRUM, json_body=body, within=within)

    def loudness(self, body: Mapping[str, object], within: float = REQUEST_LIMIT) -> Answer:
        """Have loudness measured: `{audio_data, sample_rate, channels, target_lufs}`."""
        return self.raw("POST", protocol.LOUDNESS, json_body=body, within=within)

    def stages(self) -> Answer:
        """Every stage with its parameters."""
        return self.raw("GET", protocol.CATALOGUE)

    def metrics(self, within: float = REQUEST_LIMIT) -> Answer:
        """The figures for monitoring programs, as text."""
        return self.raw("GET", protocol.METRICS, within=within)

    def scrape(self) -> Scrape:
        """The same as numbers. PromiseBrokenError for what is no Prometheus text."""
        answer = self.metrics()
        if answer.code != 200:
            raise PromiseBrokenError("the pipeline tells its figures", str(answer))
        try:
            return parse(answer.text)
        except ScrapeError as error:
            raise PromiseBrokenError("the pipeline tells its figures in the agreed form", str(error)) from error

    def raw(
        self, method: str, path: str, *, json_body: object = None, data: bytes | None = None,
        form: Mapping[str, str] | None = None, files: Mapping[str, tuple[str, bytes]] | None = None,
        headers: Headers | None = None, within: float = REQUEST_LIMIT,
    ) -> Answer:  # fmt: skip
        """Any request. A form without files is sent url-encoded, with files as multipart."""
        patience.require_left(self._key)
        given = dict(headers or {})
        if self.token is not None:
            given.setdefault("Authorization", f"Bearer {self.token}")
        request = requests.Request(
            method, self.url + path, json=json_body, data=form if data is None else data, files=files, headers=given
        )  # fmt: skip
        with direct() as session:
            prepared = session.prepare_request(request)
            sent = prepared.body or b""
            body = sent.encode() if isinstance(sent, str) else sent
            self._wire.frame(CLIENT, "pipeline", shortened(body), connection=0, note=f"{method} {path}", size=len(body))
            with patience.counted(self._key):
                answer = _ask(session, prepared, within)
        self._wire.frame("pipeline", CLIENT, shortened(answer.data), connection=0, note=str(answer.code), size=len(answer.data))
        return answer


def _ask(session: requests.Session, request: requests.PreparedRequest, within: float) -> Answer:
    what = f"{request.method} {request.path_url.partition('?')[0]} is answered"
    begun = time.monotonic()
    try:
        response = session.send(request, timeout=(CONNECT_LIMIT, within), allow_redirects=False)
    except requests.Timeout as error:
        raise SilenceError(what, f"no answer within {within:g} s") from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise PromiseBrokenError(what, f"{type(error).__name__}: {error}") from error
    seconds = time.monotonic() - begun
    data = response.content
    return Answer(response.status_code, _json(data), data.decode("utf-8", "replace"), response.headers, seconds, data)


def _json(data: bytes) -> Json | None:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict | list) else None
