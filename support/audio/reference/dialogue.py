"""What a client's frames are answered, frame by frame. Runs on a worker's thread."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from support.audio.protocol import Ask, Code, RefusedError, Tell
from support.audio.reference.metrics import ServerMetrics
from support.audio.reference.session import Session

Frame = bytes | bytearray | memoryview
Message = Mapping[str, object]
Answers = list[dict[str, object]]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Dialogue:
    """Answers what comes in on the socket of `session`, one frame after the other."""

    def __init__(self, session: Session, metrics: ServerMetrics) -> None:
        self.session = session
        self.metrics = metrics
        self.handlers: dict[object, Callable[[Message], Answers]] = {
            Ask.PING.value: self.ping,
            Ask.AUDIO_CHUNK.value: self.audio_chunk,
            Ask.UPDATE_STAGE.value: self.update_stage,
        }

    def answer_all(self, frames: Sequence[Frame | None]) -> list[bytes]:
        """The frames that answer `frames`, as they go out. None stands for a binary frame."""
        return [_encode(answer) for frame in frames for answer in self.answer(frame)]

    def answer(self, frame: Frame | None) -> Answers:
        """What one frame is answered; at least one frame."""
        try:
            message = self.message_of(frame)
            kind = message["type"]
            handler = self.handlers.get(kind) if isinstance(kind, str) else None
            if handler is None:
                raise RefusedError(Code.INVALID_MESSAGE, "there is no message of this type", "type")
            return handler(message)
        except RefusedError as error:
            self.metrics.refused_frame(error.code)
            return [{"type": Tell.ERROR.value, "error": error.told()}]

    def message_of(self, frame: Frame | None) -> Message:
        """The message that `frame` holds, with a `type`. RefusedError INVALID_MESSAGE."""
        if frame is None:
            raise RefusedError(Code.INVALID_MESSAGE, "messages are text, not bytes")
        try:
            message = _decode(frame)
        except (ValueError, RecursionError) as error:
            raise RefusedError(Code.INVALID_MESSAGE, "the message is no JSON") from error
        if not isinstance(message, dict):
            raise RefusedError(Code.INVALID_MESSAGE, "the message is no JSON object")
        if "type" not in message:
            raise RefusedError(Code.INVALID_MESSAGE, "the message has no type", "type")
        return message

    def ping(self, message: Message) -> Answers:  # noqa: ARG002 - all handlers are called alike
        """Is anybody there?"""
        return [{"type": Tell.PONG.value}]

    def audio_chunk(self, message: Message) -> Answers:
        """One chunk: its audio, then its figures. What the client says of the time is its own business."""
        data = message.get("data")
        if not isinstance(data, str):
            raise RefusedError(Code.INVALID_MESSAGE, "data is no text", "data")
        answered = self.session.take(data)
        self.metrics.processed_chunk(answered)
        return [
            {"type": Tell.PROCESSED_AUDIO.value, "sequence": answered.sequence, "audio": answered.audio},
            {"type": Tell.METRICS.value, "sequence": answered.sequence, "metrics": answered.figures},
        ]

    def update_stage(self, message: Message) -> Answers:
        """Other parameters for a stage, from the next chunk on."""
        stage, parameters = message.get("stage_id"), message.get("parameters")
        if not isinstance(stage, str):
            raise RefusedError(Code.INVALID_MESSAGE, "stage_id is no text", "stage_id")
        if not isinstance(parameters, dict):
            raise RefusedError(Code.INVALID_MESSAGE, "parameters are no object", "parameters")
        sequence = self.session.update(stage, parameters)
        return [
            {
                "type": Tell.CONFIG_UPDATED.value,
                "stage_id": stage,
                "success": True,
                "applies_from_sequence": sequence,
                "latency_samples": self.session.latency_samples,
            }
        ]
