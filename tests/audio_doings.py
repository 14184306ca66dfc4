"""Stand-ins for what a scenario remembers: answers, frames, lines, sessions and worlds without a pipeline behind them."""

from types import SimpleNamespace

import numpy as np

from support.audio.frames import ChunkAnswer, Frame
from support.audio.rest import Answer
from support.audio.session import Take
from support.audio.signals import from_pcm16, to_pcm16
from support.kit.closing import Closing

CHUNK = to_pcm16(np.full(1600, 0.25))


def frame(kind, number=1, at=0.0, **fields):
    return Frame(number, f"{kind} {fields}", {"type": kind, **fields}, at)


def error(code="INVALID_AUDIO", message="no", number=1):
    return frame("error", number, error={"code": code, "message": message})


def chunk(sequence, pcm=CHUNK, played=CHUNK, sound=None, figures=None, at=None, **metrics):
    """An answered chunk; `sound` and `figures` are the places of its frames."""
    at = float(sequence) if at is None else at
    audio = frame("processed_audio", 2 * sequence - 1 if sound is None else sound, at, sequence=sequence)
    told = frame("metrics", 2 * sequence if figures is None else figures, at, sequence=sequence, metrics=metrics)
    return ChunkAnswer(sequence, played, pcm, metrics, at - 0.1, audio, told)


def chunks(*sequences):
    return [chunk(sequence) for sequence in sequences]


def line(name="the speaker", frames=(), answered=(), leftover=(), code=None, status=None):
    closing = None if code is None else Closing(code, "", 0.0)
    waiting = list(leftover)

    def await_frame(*kinds, within=0.0):
        return waiting.pop(next(at for at, each in enumerate(waiting) if each.type in kinds))

    return SimpleNamespace(
        name=name, frames=list(frames), chunks=list(answered), leftover=waiting, closing=closing, status=status,
        open=closing is None and status is None, await_closed=lambda within=0.0: closing, await_frame=await_frame,
    )  # fmt: skip


def take(answers, tail=()):
    played = from_pcm16(b"".join(each.played for each in answers))
    heard = from_pcm16(b"".join(each.pcm for each in answers))
    return Take(played, heard, 16000, 0, list(answers), list(tail))


def session(answers=(), name="the speaker", frames=(), stages=(), session_id="id-1", **more):
    answers = list(answers)
    return SimpleNamespace(
        name=name, session_id=session_id, pipeline_id="p", rate=16000, answers=answers,
        lines=[line(name, frames, answers)], line=line(name, frames, answers), take=take(answers), takes=[take(answers)],
        config={"stages": {stage: {"parameters": {}} for stage in stages}}, **more,
    )  # fmt: skip


def answer(code=200, **fields):
    return Answer(code, fields, str(fields), {}, 0.0)
