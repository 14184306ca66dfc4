"""Pipelines that are too slow, or that break their promises only after a while."""

import time
from typing import Any, ClassVar

from support.audio.lie import lies
from support.audio.reference.dialogue import Answers, Dialogue, Message
from support.audio.reference.session import Answered, Session

LONG = 350
"""Chunks after which something has become a long time."""


@lies("It takes 0.03 s longer for every chunk.")
class EveryChunkSlow(Session):
    def take(self, data: str) -> Answered:
        time.sleep(0.03)
        return super().take(data)


@lies("It takes 0.15 s longer for every tenth chunk.")
class EveryTenthChunkSlow(Session):
    def take(self, data: str) -> Answered:
        answered = super().take(data)
        if answered.sequence % 10 == 0:
            time.sleep(0.15)
        return answered


@lies("It works 0.006 s longer on every chunk.")
class EveryChunkALittleSlow(Session):
    def chunk_of(self, data: str) -> bytes:
        end = time.perf_counter() + 0.006
        pcm = super().chunk_of(data)
        while time.perf_counter() < end:
            continue
        return pcm


@lies("It loses the ninetieth chunk.")
class NinetiethChunkLost(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        return [] if answers[0]["sequence"] == 90 else answers


@lies("It loses one chunk after a while.")
class ChunkLostAfterAWhile(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        return [] if answers[0]["sequence"] == LONG else answers


@lies("It answers one chunk twice after a while.")
class ChunkTwiceAfterAWhile(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        return answers * 2 if answers[0]["sequence"] == LONG else answers


@lies("It makes a pause of 0.5 s after a while.")
class PauseAfterAWhile(Session):
    def take(self, data: str) -> Answered:
        answered = super().take(data)
        if answered.sequence == LONG:
            time.sleep(0.5)
        return answered


@lies("It keeps a tenth of a megabyte of every chunk.")
class MemoryGrows(Session):
    kept: ClassVar[list[bytes]] = []

    def take(self, data: str) -> Answered:
        self.kept.append(bytes([len(self.kept) % 251]) * 100_000)
        return super().take(data)


@lies("After a while it gives a chunk of one session to another one.")
class SessionsMixAfterAWhile(Session):
    last: ClassVar[dict[str, Any]] = {}

    def take(self, data: str) -> Answered:
        answered = super().take(data)
        others = [audio for session, audio in self.last.items() if session != self.session_id]
        self.last[self.session_id] = answered.audio
        if answered.sequence == LONG and others:
            return Answered(answered.sequence, others[-1], answered.figures, answered.samples)
        return answered
