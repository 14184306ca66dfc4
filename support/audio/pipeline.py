"""The pipeline under test as one scenario sees it: where it is, its requests, its lines and its stages."""

from collections.abc import Hashable, Mapping
from functools import cached_property
from urllib.parse import quote, urlsplit

from support.audio.line import Line
from support.audio.protocol import DEFAULT_RATE, REALTIME
from support.audio.reading import Catalogue, read_catalogue
from support.audio.rest import Rest
from support.audio.running import RunningPipeline
from support.audio.target import AudioTarget
from support.kit.errors import PromiseBrokenError
from support.kit.loop import LoopThread
from support.kit.proxy import Proxy
from support.kit.wire import WireLog


class Pipeline:
    """rest: its requests, with the token where there is one. running: its process, or where it runs."""

    def __init__(self, target: AudioTarget, running: RunningPipeline, loop: LoopThread, wire: WireLog) -> None:
        self.target = target
        self.running = running
        self._loop = loop
        self._wire = wire
        self._lines = 0
        self.rest = Rest(running.url, wire, ("requests", *self._key), running.token)

    @property
    def token(self) -> str | None:
        """What lets a speaker in; None where everybody is."""
        return self.running.token

    @property
    def line_key(self) -> Hashable:
        """Whose silences are counted."""
        return ("lines", *self._key)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.running.address

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its stages as it tells them itself. PromiseBrokenError where it does not."""
        answer = self.rest.stages()
        if answer.code != 200:
            raise PromiseBrokenError("the pipeline tells its stages", str(answer))
        return read_catalogue(answer.body, self.target)

    def line_url(self, session_id: str, link: Proxy | None = None) -> str:
        """Where the line of a session is; through a link, where there is one."""
        parts = urlsplit(self.running.url)
        place = parts.netloc if link is None else f"{Proxy.host}:{link.port}"
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{place}{parts.path.rstrip('/')}{REALTIME}/{quote(session_id, safe='')}"

    def new_line(
        self, session_id: str, *, name: str, rate: int = DEFAULT_RATE, link: Proxy | None = None, quiet: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Line:  # fmt: skip
        """A line that is not connected yet. headers: in place of those with the pipeline's token."""
        self._lines += 1
        if headers is None:
            headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return Line(
            self._loop, self._wire, self.line_url(session_id, link), name=name, number=self._lines, rate=rate,
            key=self.line_key, headers=headers, quiet=quiet,
        )  # fmt: skip

    @property
    def _key(self) -> tuple[Hashable, ...]:
        return self.target.argv, self.target.url
