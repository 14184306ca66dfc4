"""Sounds played through sessions, one or several at a time, and what was heard of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from support.audio.comparing import aligned
from support.audio.frames import ChunkAnswer
from support.audio.messages import cut
from support.audio.session import Session, Take
from support.audio.signals import Samples, from_pcm16, to_pcm16
from support.audio.silence import STREAM_LIMIT, patience

if TYPE_CHECKING:
    from support.audio.world import AudioWorld

CHUNKS_PER_SECOND = 10
"""Chunks of 0.1 s, unless somebody says otherwise."""
WINDOW = 8
"""Chunks that wait for their answers at a time."""


@dataclass(frozen=True)
class Playing:
    """A sound to be played. samples: full scale 1.0. chunks: samples of each chunk, or of each by itself; None for 0.1 s.

    window: chunks that may be unanswered at a time, None for any number. before: messages to send before a chunk, by its number
    from 0; whoever wants their answers awaits them. every: one chunk in so many seconds, for real time; None: as fast as it goes.
    """

    session: Session
    samples: Samples
    chunks: int | Sequence[int] | None = None
    window: int | None = WINDOW
    before: Mapping[int, Sequence[str]] = field(default_factory=dict)
    every: float | None = None

    def cut(self) -> list[bytes]:
        """The chunks, as PCM16."""
        lengths = self.chunks if self.chunks is not None else usual_chunk(self.session)
        return cut(to_pcm16(self.samples), lengths)


def usual_chunk(session: Session) -> int:
    """Samples of 0.1 s."""
    return session.rate // CHUNKS_PER_SECOND


def play(world: "AudioWorld", playing: Playing, within: float = STREAM_LIMIT) -> Take:
    """Play a sound and hear it out; the take is the session's, and is kept. PromiseBrokenError where a chunk is not answered."""
    return play_together(world, [playing], within)[0]


def play_together(world: "AudioWorld", playings: Sequence[Playing], within: float = STREAM_LIMIT) -> list[Take]:
    """Several sessions side by side."""
    stream_together(world, playings, within)
    return hear_out_together(world, [playing.session for playing in playings])


def stream(world: "AudioWorld", playing: Playing, within: float = STREAM_LIMIT) -> list[ChunkAnswer]:
    """Play a sound until every chunk is answered, without hearing out what is late: more of the same sound may follow."""
    return stream_together(world, [playing], within)[0]


def stream_together(world: "AudioWorld", playings: Sequence[Playing], within: float = STREAM_LIMIT) -> list[list[ChunkAnswer]]:
    """Several sessions side by side."""

    async def all_of_them() -> list[list[ChunkAnswer] | BaseException]:
        streams = [
            one.session.line.stream_here(one.cut(), one.window, before=one.before, every=one.every, within=within)
            for one in playings
        ]  # fmt: skip
        return await asyncio.gather(*streams, return_exceptions=True)

    with patience.counted(world.pipeline.line_key):
        return [_result(one) for one in world.loop.call(all_of_them(), within + 2)]


def hear_out(world: "AudioWorld", session: Session) -> Take:
    """What was played since the last take, and what was heard of it: silence is played until all that is late has come."""
    return hear_out_together(world, [session])[0]


def hear_out_together(world: "AudioWorld", sessions: Sequence[Session]) -> list[Take]:
    """Several sessions side by side."""
    marks = [len(session.answers) for session in sessions]
    latencies = [session.latency_samples for session in sessions]
    late = [
        Playing(session, np.zeros(-(-latency // usual_chunk(session)) * usual_chunk(session)))
        for session, latency in zip(sessions, latencies, strict=True)
        if latency
    ]
    if late:
        stream_together(world, late)
    takes = [_take(*each) for each in zip(sessions, marks, latencies, strict=True)]
    for session, take in zip(sessions, takes, strict=True):
        session.takes.append(take)
        world.keep(session.name, take)
    return takes


def _take(session: Session, mark: int, latency: int) -> Take:
    answers = session.answers
    begin = sum(len(take.answers) + len(take.tail) for take in session.takes)
    played = from_pcm16(b"".join(answer.played for answer in answers[begin:mark]))
    out = from_pcm16(b"".join(answer.pcm for answer in answers[begin:]))
    played, heard = aligned(played, out, latency)
    return Take(played, heard, session.rate, latency, answers[begin:mark], answers[mark:])


def _result(outcome: list[ChunkAnswer] | BaseException) -> list[ChunkAnswer]:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
