"""Whether chunks were answered as promised: each once, in order, with its sound. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Iterable, Sequence

import numpy as np

from support.audio import hearing
from support.audio.comparing import first_difference
from support.audio.frames import ChunkAnswer, Frame, whole_in
from support.audio.listed import is_connected
from support.audio.playing import play_noise
from support.audio.session import Session, Take
from support.audio.world import AudioWorld
from support.kit.deadline import Deadline, eventually, steadily
from support.kit.errors import PromiseBrokenError, VoidError

QUIET = 0.08
"""Seconds for which nothing else must arrive, so that a second answer to the same chunk is seen."""


def require_exact(take: Take) -> None:
    """What is heard is what was played, to the last bit and of the same length."""
    if not len(take.played):
        raise VoidError("nothing was played")
    at = first_difference(take.played, take.heard)
    if at is None:
        return
    if at >= min(len(take.played), len(take.heard)):
        raise PromiseBrokenError(f"the listener hears {len(take.played):,} samples", f"{len(take.heard):,} samples")
    seen = f"sample {at + 1:,} of {len(take.played):,} is {take.heard[at]:.5f} instead of {take.played[at]:.5f}"
    raise PromiseBrokenError("the listener hears exactly what was played", seen)


def require_exact_each(sessions: Iterable[Session]) -> None:
    """In every session."""
    for session in sessions:
        require_exact(session.take)


def require_scaled_or_cut(take: Take, gain: float) -> None:
    """What is heard is what was played, `gain` dB louder, and cut off at full scale where that is too loud, if it is anywhere."""
    too_loud = bool(np.max(np.abs(take.played)) * 10 ** (gain / 20) > 1)
    hearing.require_scaled(take.hearing, gain, hearing.CLOSE, cut_off=too_loud)


def require_answers(answers: Sequence[ChunkAnswer], first: int, last: int) -> None:
    """These are the chunks `first` to `last`, each with its sound before its figures, both in the order of the chunks."""
    seen = [answer.sequence for answer in answers]
    if seen != list(range(first, last + 1)):
        raise PromiseBrokenError(f"the chunks are answered as numbers {first} to {last}, in order", _numbers(seen))
    for answer in answers:
        if not answer.sound_first:
            promised = "each chunk is answered with its sound and then with its figures"
            raise PromiseBrokenError(promised, f"the figures of chunk {answer.sequence} come first")
        if len(answer.pcm) != len(answer.played):
            promised = f"chunk {answer.sequence} comes back with {len(answer.played):,} bytes of sound"
            raise PromiseBrokenError(promised, f"{len(answer.pcm):,}")
    for what, frames in (("sounds", [one.audio for one in answers]), ("figures", [one.figures for one in answers])):
        places = [frame.number for frame in frames]
        if places != sorted(places):
            raise PromiseBrokenError(f"the {what} of the chunks come in their order", f"as frames {_numbers(places)}")


def require_answers_each(world: AudioWorld, first: int, last: int) -> None:
    """In every session."""
    for session in world.sessions.values():
        require_answers(session.answers, first, last)


def require_nothing_else(world: AudioWorld) -> None:
    """Nothing has arrived that nobody was waiting for, and nothing arrives for a moment."""

    def strays() -> list[Frame]:
        return [frame for line in world.lines for frame in line.leftover]

    steadily(strays, lambda found: not found, QUIET, "nothing arrives but the answers", describe=lambda found: str(found[0]))


def require_count(session: Session, count: int) -> None:
    """The figures of the last chunk tell of so many chunks."""
    told = session.answers[-1].metrics.get("chunks_processed") if session.answers else None
    if whole_in({"told": told}, "told") != count:
        raise PromiseBrokenError(f"the figures tell of {count} chunks", repr(told))


def require_comes_back(world: AudioWorld, session: Session, number: int) -> None:
    """A chunk that is played now is answered as this number; exactly as it was, where nothing is to be done to it."""
    take = play_noise(world, session, 1)
    require_answers(take.answers, number, number)
    if not session.config.get("stages"):
        require_exact(take)


def require_going_on(world: AudioWorld, session: Session) -> None:
    """Two chunks that are played now are answered as the next numbers, exactly as they were, and are counted."""
    before = len(session.answers)
    take = play_noise(world, session, 2)
    require_answers(take.answers, before + 1, before + 2)
    require_exact(take)
    require_count(session, before + 2)


def require_all_going_on(world: AudioWorld, count: int) -> None:
    """The sessions of all speakers do. VoidError where there are not so many."""
    for session in _as_many(world, count):
        require_going_on(world, session)


def require_count_each(world: AudioWorld, count: int) -> None:
    """The figures of every session tell of so many chunks."""
    for session in world.sessions.values():
        require_count(session, count)


def require_first_chunks(world: AudioWorld) -> None:
    """In every session one chunk was played, and came back as its first, exactly as it was."""
    for session in world.sessions.values():
        require_answers(session.answers, 1, 1)
        require_exact(session.take)


def require_next_when_back(world: AudioWorld, session: Session, number: int) -> None:
    """The speaker connects again; the next chunk is answered as this number."""
    come_back(world, session)
    require_comes_back(world, session, number)


def come_back(world: AudioWorld, session: Session) -> None:
    """The speaker connects again, once the pipeline has noticed that the line is gone, or has had a second to do so."""
    patience = Deadline(1.0)
    promised = "a second is over, or the line is known to be gone"
    eventually(lambda: not is_connected(world, session) or patience.expired, bool, 2.0, promised)
    world.connect(session)


def _as_many(world: AudioWorld, count: int) -> list[Session]:
    sessions = list(world.sessions.values())
    if len(sessions) != count:
        raise VoidError(f"there are {len(sessions)} speakers, not {count}")
    return sessions


def _numbers(numbers: Sequence[int]) -> str:
    """`1, 2, 4`, shortened."""
    shown = ", ".join(map(str, numbers[:30]))
    return f"{shown}, ... ({len(numbers)} in all)" if len(numbers) > 30 else shown or "none"
