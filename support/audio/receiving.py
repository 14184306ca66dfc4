"""What came over a line, sorted: chunks that were answered, answers to messages, and what makes no sense."""

from collections import deque

from support.audio.frames import ChunkAnswer, Frame
from support.audio.protocol import Tell


class Received:
    """frames: all, in order. chunks: those that were answered with sound and figures, as they became whole.

    nonsense: what first stood in the place of an answer and was none; None where nothing did. The sounds that come are taken for
    those of the chunks that were sent, one after the other.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.chunks: list[ChunkAnswer] = []
        self.nonsense: str | None = None
        self.sent: deque[tuple[bytes, float]] = deque()
        self._unpaired: dict[tuple[str, int], Frame] = {}
        self._taken: set[int] = set()
        self._provocations = 0
        self._errors: list[Frame] = []

    def will_answer_chunk(self, pcm: bytes, at: float) -> None:
        """A chunk is sent."""
        self.sent.append((pcm, at))

    def may_err(self) -> None:
        """Something is sent that may be answered with an error."""
        self._provocations += 1

    def take(self, frame: Frame) -> None:
        """A frame has come."""
        self.frames.append(frame)
        self.nonsense = self.nonsense or _nonsense(frame)
        if frame.type in (Tell.PROCESSED_AUDIO, Tell.METRICS):
            if frame.sequence is not None:
                self._pair(frame, frame.sequence)
        elif frame.type == Tell.ERROR:
            self._errors.append(frame)
        elif frame.is_known:
            self._provocations = max(0, self._provocations - 1)

    def find(self, *types: str) -> Frame | None:
        """The first frame of these types that nobody has taken yet."""
        return next((frame for frame in self.frames if frame.type in types and frame.number not in self._taken), None)

    def mark(self, frame: Frame) -> None:
        """Somebody has awaited it."""
        self._taken.add(frame.number)

    @property
    def leftover(self) -> list[Frame]:
        """Known frames that nobody has taken and that are no part of an answered chunk."""
        return [frame for frame in self.frames if frame.is_known and frame.number not in self._taken]

    def unprovoked_error(self) -> Frame | None:
        """The last error, where there are more of them than messages that may be answered with one."""
        return self._errors[-1] if len(self._errors) > self._provocations else None

    def __str__(self) -> str:
        if not self.frames:
            return "nothing has come"
        return f"{len(self.frames)} frames have come, the last: {self.frames[-1]}"

    def _pair(self, frame: Frame, sequence: int) -> None:
        """Put the sound of a chunk and its figures together."""
        other_type = Tell.METRICS if frame.type == Tell.PROCESSED_AUDIO else Tell.PROCESSED_AUDIO
        other = self._unpaired.pop((other_type, sequence), None)
        if other is None:
            self._unpaired.setdefault((frame.type, sequence), frame)
            return
        audio, figures = (frame, other) if frame.type == Tell.PROCESSED_AUDIO else (other, frame)
        if audio.pcm is None or not self.sent:
            self._unpaired[audio.type, sequence] = audio
            return
        played, sent_at = self.sent.popleft()
        self._taken |= {audio.number, figures.number}
        self.chunks.append(ChunkAnswer(sequence, played, audio.pcm, figures.metrics, sent_at, audio, figures))


def _nonsense(frame: Frame) -> str | None:
    if frame.binary:
        return f"a binary frame: {frame}"
    if not frame.is_object:
        return f"a frame that holds no JSON object: {frame}"
    if frame.type in (Tell.PROCESSED_AUDIO, Tell.METRICS) and frame.sequence is None:
        return f"a frame without the number of its chunk: {frame}"
    if frame.type == Tell.PROCESSED_AUDIO and frame.pcm is None:
        return f"sound that is no base64 of whole samples: {frame}"
    return None
