"""The frames that a gateway sends, and their encoding."""

from collections.abc import Mapping, Sequence

import msgspec

from support.gateway.reference.errors import CallError


class Answer(msgspec.Struct, gc=False, tag_field="op"):
    """A frame to a client. Each kind has its `op` as tag."""


class HelloAck(Answer, gc=False, tag="hello_ack"):
    """The client is in."""

    session_id: str
    ok: bool = True


class HelloRefused(Answer, gc=False, tag="hello_ack"):
    """The client is not in; the connection closes."""

    error: str
    ok: bool = False


class Pong(Answer, gc=False, tag="pong"):
    """The answer to `ping`."""

    request_id: str


class ToolEntry(msgspec.Struct, gc=False):
    """A tool in the list of tools."""

    name: str
    description: str
    inputSchema: Mapping[str, object]  # noqa: N815  # the contract's spelling


class ToolList(Answer, gc=False, tag="list_tools_res"):
    """The answer to `list_tools`."""

    request_id: str
    tools: Sequence[ToolEntry]


class Output(msgspec.Struct, gc=False, tag_field="type", tag="text"):
    """A piece of a tool's output."""

    text: str


class CallOk(Answer, gc=False, tag="call_tool_res"):
    """A call's result."""

    request_id: str
    outputs: Sequence[Output]
    latency_ms: float
    ok: bool = True


class Error(msgspec.Struct, gc=False):
    """Why something is not ok."""

    code: str
    message: str
    details: Mapping[str, object] = {}


class CallFailed(Answer, gc=False, tag="call_tool_res"):
    """A call without a result."""

    request_id: str
    error: Error
    ok: bool = False


class Progress(Answer, gc=False, tag="progress"):
    """A call has got to step `step` of `steps`."""

    request_id: str
    step: int
    steps: int


class CancelAnswer(Answer, gc=False, tag="cancel_res"):
    """The answer to `cancel`: whether the call was in flight."""

    request_id: str
    ok: bool


class SessionFigures(msgspec.Struct, gc=False):
    """A session's own figures, as of just before the answer that carries them."""

    messages_received: int
    messages_sent: int
    mean_latency_ms: float


class HealthAnswer(Answer, gc=False, tag="health_res"):
    """The answer to `health`."""

    request_id: str
    uptime_s: float
    connections: int
    session: SessionFigures
    breakers: Mapping[str, Mapping[str, object]]


class RequestFailed(Answer, gc=False, tag="error"):
    """A request, not a call, that is refused; or a frame that is no request."""

    error: Error
    request_id: str | msgspec.UnsetType = msgspec.UNSET


def error_of(error: CallError) -> Error:
    """The error as it is told to the caller."""
    return Error(error.code.value, error.message, error.details)


class Encoder:
    """Answers as the text of frames."""

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode

    def encode(self, answer: Answer) -> bytes:
        """The UTF-8 text of the frame."""
        return self._encode(answer)
