"""Sessions in which somebody speaks for a minute, in real time: longer than a step may take. Each `require_*` raises."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, wait

import psutil

from support.audio.answered import require_answers, require_nothing_else
from support.audio.keeping_up import CHUNK, MS
from support.audio.session import Session
from support.audio.sounds import Sound
from support.audio.streaming import Playing, hear_out_together
from support.audio.world import AudioWorld
from support.kit.errors import VoidError

SETTLED = 10.0
"""Seconds after which the pipeline has what it needs: from then on its memory is watched."""
SPARE = 20.0
"""Seconds that may pass after the last chunk was due."""
STEP = 45.0
"""Seconds that a step may wait: the next one waits on."""


def begin(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """Every speaker plays the sound, each a randomness of their own, in real time; returns while they still play."""
    sessions = list(world.sessions.values())
    playings = [
        Playing(session, sound.render(seconds, session.rate, seed), window=None, every=CHUNK)
        for seed, session in enumerate(sessions, 1)
    ]
    future = world.desk.under_way = world.loop.spawn(_play(playings, seconds + SPARE))
    world.resources.callback(future.cancel)
    _await(future, min(SETTLED, seconds / 2))
    world.desk.memory.append(memory(world))
    _await(future, min(STEP, seconds) - SETTLED)


def require_all(world: AudioWorld, count: int) -> None:
    """All of it was played, and each chunk of each speaker was answered once, in order, with its sound and its figures."""
    future, sessions = world.desk.under_way, list(world.sessions.values())
    assert future is not None, "begun in the step before"
    future.result(STEP)
    world.desk.memory.append(memory(world))
    for session, take in zip(sessions, hear_out_together(world, sessions), strict=True):
        require_answers(take.answers, 1, count)
        world.evidence.number(f"the slowest chunk of {session.name}", slowest(session) * MS, "ms")
    require_nothing_else(world)


def require_in_time(world: AudioWorld, most: float) -> None:
    """No chunk took longer than this (seconds); where one has, the run is warned."""
    times = [answer.seconds for session in world.sessions.values() for answer in session.take.answers]
    late = [each for each in times if each > most]
    if late:
        seen = f"{len(late)} of {len(times)} chunks took longer, up to {max(late) * MS:.0f} ms"
        world.fall_short(f"no chunk takes more than {most * MS:g} ms", seen)


def require_flat(world: AudioWorld, percent: float) -> None:
    """The pipeline's memory has grown by at most this; where it has, or cannot be seen, the run is warned."""
    first, last = world.desk.memory
    if not first:
        world.evidence.warn("the memory of a pipeline that the suite does not start cannot be seen")
        return
    grown = (last - first) / first * 100
    world.evidence.number("memory after the first 10 s", first / 1e6, "MB")
    world.evidence.number("memory in the end", last / 1e6, "MB")
    if grown > percent:
        world.fall_short(f"the memory grows by at most {percent:g} %", f"{grown:.1f} %: {first / 1e6:.1f} to {last / 1e6:.1f} MB")


def slowest(session: Session) -> float:
    """Seconds of the slowest chunk of the last take. VoidError where there was none."""
    if not session.take.answers:
        raise VoidError("nothing was played")
    return max(answer.seconds for answer in session.take.answers)


def memory(world: AudioWorld) -> int:
    """Bytes that the pipeline's processes hold in memory (resident set); 0 where the suite does not see them."""
    return sum(psutil.Process(pid).memory_info().rss for pid in world.pipeline.running.pid_tree())


async def _play(playings: Sequence[Playing], within: float) -> None:
    streams = [each.session.line.stream_here(each.cut(), each.window, every=each.every, within=within) for each in playings]
    outcomes = await asyncio.gather(*streams, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def _await(future: Future[None], seconds: float) -> None:
    """Until it has ended, or so many seconds have passed. Raises what it has raised."""
    wait([future], seconds)
    if future.done():
        future.result()
