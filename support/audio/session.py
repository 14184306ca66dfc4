"""A session as its speaker knows it: where it is, what was played in it, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.audio.frames import ChunkAnswer, latency_in
from support.audio.hearing import Hearing
from support.audio.line import Line
from support.audio.protocol import Tell
from support.audio.rest import Answer
from support.audio.signals import Samples
from support.kit.proxy import Proxy


@dataclass(frozen=True)
class Take:
    """What was played, and what was heard of it with the delay taken off. rate: Hz. latency: samples.

    answers: the chunks of what was played. tail: those of the silence behind it, played to hear what is late.
    """

    played: Samples
    heard: Samples
    rate: int
    latency: int
    answers: list[ChunkAnswer]
    tail: list[ChunkAnswer]

    @property
    def hearing(self) -> Hearing:
        """The two side by side. PromiseBrokenError where they are not of equal length."""
        return Hearing(self.played, self.heard, self.rate)


@dataclass(eq=False)
class Session:
    """A session that was started. name: of its speaker. config: as the pipeline was told. answer: to the start.

    lines: one after the other; the last is the one in use. link: what its lines go through, where something does.
    takes: what was played and heard in it so far.
    """

    name: str
    session_id: str
    pipeline_id: str
    config: Mapping[str, object]
    rate: int
    answer: Answer
    lines: list[Line] = field(default_factory=list)
    link: Proxy | None = None
    takes: list[Take] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """The line in use."""
        assert self.lines, "only the line of a session that was connected is asked for"
        return self.lines[-1]

    @property
    def answers(self) -> list[ChunkAnswer]:
        """Every chunk that was answered, over all lines."""
        return [chunk for line in self.lines for chunk in line.chunks]

    @property
    def latency_samples(self) -> int:
        """The delay as it was told last, at the start or with a change of parameters."""
        told = [frame for line in self.lines for frame in line.frames if frame.type == Tell.CONFIG_UPDATED]
        fields = next((frame.fields for frame in reversed(told) if "latency_samples" in frame.fields), self.answer.fields)
        return latency_in(fields)

    @property
    def take(self) -> Take:
        """The last take."""
        assert self.takes, "only a session in which something was played and heard is asked for it"
        return self.takes[-1]

    @property
    def played(self) -> Samples:
        """What was played in the last take."""
        return self.take.played

    @property
    def heard(self) -> Samples:
        """What was heard of it, with the delay taken off."""
        return self.take.heard
