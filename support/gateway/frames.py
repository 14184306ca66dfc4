"""What a client says and what it is told: frames as they are on the wire, read liberally, and calls with their answers."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.gateway.protocol import ANSWER_OPS
from support.kit.deadline import Latch

PROGRESS = "progress"
KNOWN_OPS = frozenset({*ANSWER_OPS.values(), PROGRESS, "error"})
_LOOKS_LIKE_AN_ANSWER = frozenset({"ok", "error", "outputs", "tools"})


@dataclass(frozen=True)
class Frame:
    """A frame from the gateway. `fields` is its object, empty where it is none. `at`: seconds, monotonic clock.

    binary: it came as a binary frame, which no answer may be.
    """

    text: str
    fields: Mapping[str, object]
    at: float
    binary: bool = False

    @property
    def op(self) -> str:
        """The operation, empty where the frame names none."""
        op = self.fields.get("op")
        return op if isinstance(op, str) else ""

    @property
    def request_id(self) -> str | None:
        found = self.fields.get("request_id")
        return found if isinstance(found, str) else None

    @property
    def ok(self) -> bool:
        return self.fields.get("ok") is True

    @property
    def error(self) -> Mapping[str, object]:
        """The object under `error`, empty where there is none."""
        found = self.fields.get("error")
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The code of an answer that is not ok, empty where it has none."""
        found = self.error.get("code")
        return found if isinstance(found, str) else ""

    @property
    def output(self) -> str | None:
        """The text of the only output. None where there is none, more than one, or one of another type."""
        outputs = self.fields.get("outputs")
        if not isinstance(outputs, list) or len(outputs) != 1 or not isinstance(outputs[0], dict):
            return None
        text = outputs[0].get("text")
        return text if isinstance(text, str) and outputs[0].get("type") == "text" else None

    @property
    def could_be_an_answer(self) -> bool:
        """Whether a frame that does not say whom it answers is meant for somebody at all."""
        return self.op in KNOWN_OPS or (not self.op and bool(_LOOKS_LIKE_AN_ANSWER & self.fields.keys()))

    def __str__(self) -> str:
        return self.text if len(self.text) <= 300 else f"{self.text[:300]}... ({len(self.text)} letters)"


def read_frame(data: str | bytes, at: float) -> Frame:
    """The frame, whatever it holds."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = {}
    return Frame(text, fields if isinstance(fields, dict) else {}, at, binary=isinstance(data, bytes))


def written(fields: Mapping[str, object]) -> str:
    """The frame of a client, as text."""
    return json.dumps(fields, ensure_ascii=False)


@dataclass(eq=False)
class Call:
    """A request, and what became of it. Times are seconds on the monotonic clock.

    `op` is what the request says, `invalid` where it is none. `answer` stays None where the connection ended first.
    `tool`: whose call this is.
    """

    op: str
    request_id: str | None
    text: str
    tool: str = ""
    client: str = ""
    sent_at: float = 0.0
    answer: Frame | None = None
    over: bool = False
    progress: list[Frame] = field(default_factory=list)
    _latch: Latch = field(default_factory=Latch, repr=False)
    _event: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def end(self, answer: Frame | None) -> None:
        """On the loop's thread: answered, or never to be. Only the first end counts."""
        if not self.over:
            self.answer, self.over = answer, True
            self._event.set()
            self._latch.open()

    def wait(self, within: float) -> bool:
        """From another thread: whether the call came to its end in time."""
        return self._latch.wait(within)

    async def ended(self) -> None:
        """On the loop's thread: until the end."""
        await self._event.wait()

    def again(self) -> "Call":
        """The same request, not sent yet."""
        return Call(self.op, self.request_id, self.text, tool=self.tool)

    @property
    def seconds(self) -> float:
        """From the sending to the answer. ValueError for a call without one."""
        if self.answer is None:
            raise ValueError("the call was not answered")
        return self.answer.at - self.sent_at

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 120 else f"{self.text[:120]}... ({len(self.text)} letters)"
        return shown or "an empty frame"
