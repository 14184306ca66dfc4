"""Pipelines that break one promise each about chunks: their order, their number, whose they are, and what is none."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import base64
import binascii
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from websockets.frames import CloseCode

from support.audio.lie import lies
from support.audio.protocol import Close, Code, RefusedError, Tell, pcm_of
from support.audio.reference.configuration import Pipeline
from support.audio.reference.dialogue import Answers, Dialogue, Frame, Message
from support.audio.reference.dsp.chain import Chain, Pcm, Place, Processed, StagePlan
from support.audio.reference.link import Link
from support.audio.reference.session import Answered, Session
from support.audio.reference.sessions import Sessions

if TYPE_CHECKING:
    from support.audio.reference.sessions import Line
    from support.audio.reference.sessions import Place as Room

# --- answers


@lies("It loses every tenth chunk.")
class EveryTenthChunkLost(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        return [] if not int(str(answers[0]["sequence"])) % 10 else answers


@lies("Of two chunks that come close together, the second is answered first.")
class ChunksSwapped(Dialogue):
    def answer_all(self, frames: Sequence[Frame | None]) -> list[bytes]:
        answers = super().answer_all(frames)
        return [*answers[2:4], *answers[:2], *answers[4:]]


@lies("The figures come before the sound.")
class FiguresFirst(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        return super().audio_chunk(message)[::-1]


@lies("It answers a chunk twice.")
class ChunksAnsweredTwice(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        return super().audio_chunk(message) * 2


@lies("It answers a chunk with figures and no sound.")
class FiguresWithoutSound(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        sound, figures = super().audio_chunk(message)
        return [sound | {"audio": ""}, figures]


@lies("It answers a chunk with sound and no figures.")
class SoundWithoutFigures(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        return super().audio_chunk(message)[:1]


@lies("It numbers chunks from 0.")
class NumbersFromNought(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        return [answer | {"sequence": int(str(answer["sequence"])) - 1} for answer in super().audio_chunk(message)]


@lies("It numbers the chunks of all sessions in one row.")
class NumbersOfAllSessions(Dialogue):
    number: ClassVar[int] = 0

    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        type(self).number += 1
        return [answer | {"sequence": self.number} for answer in answers]


@lies("It does not answer chunks of less than 0.02 s.")
class ShortChunksLost(Dialogue):
    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        return answers if len(str(message["data"])) > 0.02 * self.session.rate * 2 else []


@lies("It takes no chunk of more than 5 s.")
class LongChunksRefused(Session):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._most_bytes //= 2


@lies("It makes every chunk as long as the one before.")
class ChunksOfOneLength(Session):
    length = 0

    def take(self, data: str) -> Answered:
        answered = super().take(data)
        self.length = self.length or len(answered.audio)
        return replace(answered, audio=answered.audio[: self.length].ljust(self.length, "A"))


# --- sounds


@lies("The least value that a sample can have is lost.")
class LeastValueLost(Chain):
    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        return replace(done, pcm=np.maximum(done.pcm, -32767).astype(np.int16))


@lies("It rounds samples down instead of to the nearest, by eight bits.")
class SamplesOfEightBits(Chain):
    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        return replace(done, pcm=(done.pcm & ~255).astype(np.int16))


@lies("It rounds gains to whole dB.")
class GainsInWholeDecibels(Place):
    def __init__(self, plan: StagePlan, rate: int) -> None:
        super().__init__(replace(plan, gain_in=round(plan.gain_in), gain_out=round(plan.gain_out)), rate)


@lies("Only the first stage has gains.")
class GainsOfTheFirstStageOnly(Chain):
    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        super().__init__([*stages[:1], *(replace(plan, gain_in=0.0, gain_out=0.0) for plan in stages[1:])], rate)


@lies("What is too loud is cut off at half of the scale.")
class CutOffTooEarly(Chain):
    def rounded(self, samples: Any) -> tuple[Pcm, int]:
        return super().rounded(np.clip(samples, -0.5, 0.5))


@lies("A chunk fades in, so that its beginning is not heard.")
class ChunksFadeIn(Chain):
    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        if not self._places:
            return done
        begun = np.minimum(np.arange(len(pcm)) / 4, 1.0)
        return replace(done, pcm=(done.pcm * begun).astype(np.int16))


# --- what is no good chunk


@lies("It steps over letters of a chunk that are no base64.", over=pcm_of)
def lenient_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError as error:
        raise RefusedError(Code.INVALID_AUDIO, "the audio is not base64") from error


@lies("It takes a chunk without its padding.", over=pcm_of)
def padding_forgiven(text: str) -> bytes:
    return pcm_of(text + "=" * (-len(text) % 4)) if "=" not in text else pcm_of(text)


@lies("It takes the letters of web addresses for those of base64.", over=pcm_of)
def letters_of_web_addresses(text: str) -> bytes:
    return pcm_of(text.translate({ord("-"): "+", ord("_"): "/"}))


@lies("It steps over blanks and line ends in a chunk.", over=pcm_of)
def white_space_forgiven(text: str) -> bytes:
    return pcm_of(re.sub(r"\s", "", text))


@lies("It takes a line end behind a chunk.", over=pcm_of)
def last_line_end_forgiven(text: str) -> bytes:
    return pcm_of(text.removesuffix("\n"))


@lies("It cuts off half a sample at the end of a chunk.", over=pcm_of)
def half_samples_cut_off(text: str) -> bytes:
    try:
        whole = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return pcm_of(text)
    return whole[: len(whole) // 2 * 2]


class _Mistaken(Dialogue):
    """Answers mistakes in a way of its own."""

    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        raise NotImplementedError

    def answer(self, frame: Frame | None) -> Answers:
        answers = super().answer(frame)
        return self.mistake(answers, frame) if answers and answers[0]["type"] == Tell.ERROR else answers


@lies("It ignores what is no good chunk.")
class MistakesIgnored(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return []


@lies("It closes the line of whoever sends what is no good chunk.")
class MistakesCloseTheLine(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        raise ValueError("that was no good chunk")


@lies("What is no good chunk gets a number all the same.")
class MistakesGetNumbers(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        self.session._account.chunks += 1
        return answers


@lies("It tells a mistake without a reason.")
class MistakesWithoutReason(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return [{"type": "error", "error": {"code": "INVALID_MESSAGE", "message": ""}}]


@lies("Every mistake is one of the message.")
class MistakesOfOneKind(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return [{"type": "error", "error": {"code": "INVALID_MESSAGE", "message": "that was not good"}}]


@lies("It tells every mistake twice.")
class MistakesToldTwice(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return answers * 2


@lies("It answers what is no good chunk with silence.")
class MistakesBecomeSilence(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return self.audio_chunk({"data": "AAAA" * 200})


@lies("Filters begin anew after what is no good chunk.")
class MistakesMakeItForget(_Mistaken):
    def __init__(self, session: Session, metrics: Any) -> None:
        super().__init__(session, metrics)
        self.first_chain = deepcopy(session._chain)

    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        self.session._chain = deepcopy(self.first_chain)
        return answers


@lies("It ignores messages of a kind that it does not know.")
class UnknownKindsIgnored(_Mistaken):
    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        return [] if b"audio_lump" in bytes(frame or b"") else answers


@lies("It takes bytes for text.")
class BytesTakenForText(Link):
    def take_message(self, data: Frame) -> None:
        self._part_is_text = True
        super().take_message(data)


@lies("It closes the line of whoever sends bytes.")
class BytesCloseTheLine(Link):
    def take_message(self, data: Frame) -> None:
        if self._part_is_text:
            super().take_message(data)
        else:
            self.protocol.fail(CloseCode.UNSUPPORTED_DATA, "text only")


# --- sessions that mix


@lies("It answers with what another session has just played.")
class ChannelsSwapped(Session):
    latest: ClassVar[dict[str, str]] = {}

    def take(self, data: str) -> Answered:
        answered = super().take(data)
        others = [audio for session_id, audio in self.latest.items() if session_id != self.session_id]
        self.latest[self.session_id] = answered.audio
        fitting = [audio for audio in others if len(audio) == len(answered.audio)]
        return replace(answered, audio=fitting[-1]) if fitting else answered


@lies("All sessions go through the stages of the one that was begun last.")
class StagesOfTheLastSession(Sessions):
    def make_session(self, pipeline: Pipeline, rate: int) -> Session:
        session = super().make_session(pipeline, rate)
        for place in self:
            place.session._chain = session._chain
        return session


@lies("Sessions with the same stages share their filters.")
class FiltersShared(Session):
    kept: ClassVar[dict[str, Chain]] = {}

    def __init__(self, session_id: str, pipeline: Pipeline, *rest: Any) -> None:
        super().__init__(session_id, pipeline, *rest)
        self._chain = self.kept.setdefault(repr(pipeline.stages), self._chain)


@lies("Who sends nonsense makes it lose chunks of others.")
class NonsenseDisturbsOthers(_Mistaken):
    disturbed: ClassVar[list[Session]] = []

    def mistake(self, answers: Answers, frame: Frame | None) -> Answers:
        self.disturbed[:] = [self.session]
        return answers

    def audio_chunk(self, message: Message) -> Answers:
        answers = super().audio_chunk(message)
        if self.disturbed and self.disturbed[0] is not self.session:
            self.disturbed.clear()
            answers[0] |= {"audio": "A" * len(str(answers[0]["audio"]))}
        return answers


@lies("When one line is cut it closes the others, too.")
class OneCutClosesOthers(Sessions):
    def detach(self, place: "Room", line: "Line") -> None:
        was_its_own = place.line is line
        super().detach(place, line)
        if was_its_own and place.session.session_id in self._places:
            for other in self:
                if other.line is not None:
                    other.line.finish(Close.INTERNAL, "one was cut")
