"""How fast a pipeline is: chunk by chunk, beside a bare echo, and how many sessions it keeps up with in real time.

Bounds that depend on the machine warn; that every chunk is answered once and in order is never soft.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from support.audio import signals, told_figures
from support.audio.answered import require_answers
from support.audio.frames import ChunkAnswer
from support.audio.line import Line
from support.audio.messages import cut
from support.audio.protocol import DEFAULT_RATE, Ask
from support.audio.session import Session
from support.audio.silence import ANSWER_LIMIT, STREAM_LIMIT, patience
from support.audio.stage_words import Chain, parse_chain
from support.audio.world import AudioWorld
from support.kit import echo
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.latency import percentile

CHUNK = 0.1
"""Seconds of a chunk; in real time one comes as often as that."""
ROUNDS = 5
"""The echo and the pipeline take turns so often: noise of the machine meets both."""
COUNTS = (10, 20, 40, 60, 80, 100, 150, 200)
"""Sessions that play at once, one step after the other."""
SPAN = 1.5
"""Seconds of a step."""
LATE_SHARE = 0.01
"""Chunks that may come back later than the next one is spoken, of all of a step."""
UNPUNCTUAL = 0.03
"""Seconds by which a chunk may be sent late: beyond, the generator is the limit and the figure is void."""
LATE_FOR_GOOD = 20.0
"""Seconds after which a chunk counts as lost: a pipeline that is given too much may be late."""
THE_ECHO = "the echo"
MS = 1000.0


def quiet_session(world: AudioWorld, chain: Chain, name: str) -> Session:
    """A session whose line leaves no trace: for measuring."""
    session = world.open_session(chain, name=name, connect=False)
    line = world.new_line(session.session_id, name=name, rate=session.rate, quiet=True)
    line.connect()
    session.lines.append(line)
    return session


# --- chunk by chunk


def open_beside_echo(world: AudioWorld) -> None:
    """A plain session, and a bare echo in a process of its own; lines to both leave no trace."""
    quiet_session(world, Chain(()), world.speaking)
    url = echo.start_echo(world.evidence.log_path("echo.log"), world.resources, world.settings.patience)
    line = Line(world.loop, world.wire, url, name=THE_ECHO, number=0, rate=DEFAULT_RATE, key=THE_ECHO, quiet=True)
    line.connect()
    world.lines.append(line)


def play_to_both(world: AudioWorld, count: int, length: float) -> None:
    """So many chunks of so many seconds to the pipeline and to the echo, each when the one before was answered."""
    chunks = cut(_voice(count * length), signals.samples_in(length, DEFAULT_RATE))
    (bare,) = (line for line in world.lines if line.name == THE_ECHO)
    share = -(-len(chunks) // ROUNDS)
    for begin in range(0, len(chunks), share):
        part = chunks[begin : begin + share]
        with patience.counted(world.pipeline.line_key):
            world.desk.chunk_times += world.loop.call(_round_trips(world.line, part), STREAM_LIMIT)
        world.desk.echo_times += world.loop.call(_round_trips(bare, part), STREAM_LIMIT)
    require_answers(world.session.answers, 1, len(chunks))


async def _round_trips(line: Line, chunks: Sequence[bytes]) -> list[float]:
    times = []
    for chunk in chunks:
        begun = time.monotonic()
        await line.send_chunk_here(chunk)
        if line.name == THE_ECHO:
            await line.await_frame_here(Ask.AUDIO_CHUNK, within=ANSWER_LIMIT)
        else:
            await line.await_chunk_here()
        times.append(time.monotonic() - begun)
    return times


def require_times(world: AudioWorld, answers: Sequence[ChunkAnswer], mean: float, slowest: float) -> None:
    """Seconds from a chunk to its answer, on average and for the slowest 5 of 100; where not, the run is warned."""
    times = [answer.seconds for answer in answers]
    for what, seen, most in (
        ("a chunk's way on average", statistics.fmean(times), mean),
        ("a chunk's way, 95 of 100", percentile(times, 95), slowest),
    ):
        world.evidence.number(what, seen * MS, "ms")
        if seen > most:
            world.fall_short(f"{what} takes {most * MS:g} ms at most", f"{seen * MS:.2f} ms")


def require_work(world: AudioWorld, answers: Sequence[ChunkAnswer], most: float) -> None:
    """Seconds that the pipeline itself tells for a chunk, on average; where it is more, the run is warned."""
    seen = statistics.fmean(told_figures.number(answer, "total_latency") for answer in answers)
    world.evidence.number("the pipeline's work on a chunk", seen, "ms")
    if seen > most * MS:
        world.fall_short(f"the pipeline works {most * MS:g} ms on a chunk", f"{seen:.2f} ms on average")


def require_ratio(world: AudioWorld, most: float) -> None:
    """A chunk's way to the pipeline and back takes at most so many times as long as to the echo; else the run is warned."""
    chunk, bare = statistics.median(world.desk.chunk_times), statistics.median(world.desk.echo_times)
    world.evidence.number("a chunk's way, median", chunk * MS, "ms")
    world.evidence.number("the echo's way, median", bare * MS, "ms")
    world.evidence.number("pipeline to bare echo", chunk / bare, "times")
    if chunk > most * bare:
        seen = f"{chunk / bare:.1f} times as long, {chunk * MS:.2f} ms beside {bare * MS:.2f} ms"
        world.fall_short(f"a chunk takes at most {most:g} times as long as with a bare echo", seen)


# --- many at once


@dataclass(frozen=True)
class Step:
    """Of one step: how many sessions, and which parts of all chunks were sent late and came back late."""

    sessions: int
    sent_late: float
    back_late: float


def grow(world: AudioWorld) -> None:
    """More and more speakers, through every stage, in real time, until chunks come back late or no more sessions are begun.

    PromiseBrokenError where a chunk is not answered, or out of order. VoidError: the generator was late at once.
    """
    chain, chunks = parse_chain("every stage"), cut(_voice(SPAN), signals.samples_in(CHUNK, DEFAULT_RATE))
    desk, sessions = world.desk, list[Session]()
    desk.ended_by = f"nothing: {COUNTS[-1]} were kept up with"
    for count in COUNTS:
        while len(sessions) < count and (session := _one_more(world, chain, len(sessions) + 1)):
            sessions.append(session)
        step = _play_step(world, sessions, chunks)
        if step.sent_late > LATE_SHARE:
            desk.ended_by = f"the generator: with {step.sessions} it sent {step.sent_late:.1%} of the chunks late"
            break
        if step.back_late > LATE_SHARE:
            desk.ended_by = f"the pipeline: with {step.sessions} {step.back_late:.1%} of the chunks came back late"
            break
        desk.carried = step.sessions
        if len(sessions) < count:
            desk.ended_by = f"the pipeline: it takes {len(sessions)} sessions"
            break
    for session in sessions:
        require_answers(session.answers, 1, len(session.answers))


def require_carried(world: AudioWorld, least: int) -> None:
    """So many sessions were kept up with in real time; where not, the run is warned."""
    desk = world.desk
    world.evidence.number("sessions in real time", desk.carried, "sessions")
    world.evidence.attach("sessions.txt", f"{desk.carried} sessions in real time; what ended it: {desk.ended_by}\n")
    if desk.carried < least:
        world.fall_short(f"at least {least} sessions are carried in real time", f"{desk.carried}; the limit was {desk.ended_by}")


def _one_more(world: AudioWorld, chain: Chain, number: int) -> Session | None:
    """One more session; None where the pipeline takes no more."""
    try:
        return quiet_session(world, chain, f"speaker {number}")
    except PromiseBrokenError:
        if number > 1 and world.answer.code == 503:
            return None
        raise


def _play_step(world: AudioWorld, sessions: Sequence[Session], chunks: Sequence[bytes]) -> Step:
    async def all_of_them() -> None:
        begin = time.monotonic() + CHUNK
        async with asyncio.TaskGroup() as group:
            for number, session in enumerate(sessions):
                group.create_task(_speak(session.line, chunks, begin + CHUNK * number / len(sessions)))

    marks = [len(session.answers) for session in sessions]
    try:
        world.loop.call(all_of_them(), STREAM_LIMIT)
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    answers = [session.answers[mark:] for session, mark in zip(sessions, marks, strict=True)]
    if any(len(each) != len(chunks) for each in answers):
        raise VoidError("not every chunk of a step was played")
    late = [unpunctual(each) for each in answers]
    back = [answer.seconds > CHUNK for each in answers for answer in each]
    return Step(len(sessions), sum(late) / len(back), sum(back) / len(back))


def unpunctual(answers: Sequence[ChunkAnswer]) -> int:
    """How many of a session's chunks were sent too late, beside the most punctual."""
    delays = [answer.sent_at - number * CHUNK for number, answer in enumerate(answers)]
    return sum(delay - min(delays) > UNPUNCTUAL for delay in delays)


async def _speak(line: Line, chunks: Sequence[bytes], begin: float) -> None:
    """One chunk every CHUNK seconds, whether or not those before were answered; until all are."""

    async def send() -> None:
        for number, chunk in enumerate(chunks):
            await asyncio.sleep(begin + number * CHUNK - time.monotonic())
            await line.send_chunk_here(chunk)

    async with asyncio.TaskGroup() as group:
        group.create_task(send())
        for _ in chunks:
            await line.await_chunk_here(LATE_FOR_GOOD)


def _voice(seconds: float) -> bytes:
    return signals.to_pcm16(signals.speech_like(-20.0, seconds, DEFAULT_RATE))
