"""Speakers who ask too much: chunks too long, messages too big, sounds that nobody listens to, sessions that nobody uses."""

import time

from support.audio.answered import require_answers, require_exact
from support.audio.listed import entries
from support.audio.messages import chunk_message
from support.audio.mistakes import padded_chunk_frame
from support.audio.playing import noise, play_noise
from support.audio.protocol import Tell
from support.audio.signals import to_pcm16
from support.audio.silence import STREAM_LIMIT
from support.audio.streaming import Playing, hear_out, play, usual_chunk
from support.audio.world import AudioWorld
from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.promises import require

MIB = 1024 * 1024
STALL = 1.0
"""Seconds for which the pipeline has taken nothing: it makes the speaker wait."""


def play_too_long(world: AudioWorld, samples: int) -> None:
    """A chunk of so many samples, and once that was answered in some way one of 0.1 s."""
    session = world.session
    session.line.send_text(chunk_message(to_pcm16(noise(world, session, samples))))
    session.line.await_frame(Tell.ERROR, Tell.METRICS, within=STREAM_LIMIT / 2)
    play_noise(world, session, 1)


def require_first_refused(world: AudioWorld, code: str) -> None:
    """The first answer was an error with this code and a reason."""
    frame = next(frame for frame in world.line.frames if frame.is_known)
    if frame.type != Tell.ERROR or frame.code != code or not frame.error.get("message"):
        raise PromiseBrokenError(f"the chunk is refused with {code} and a reason", str(frame))


def require_second(world: AudioWorld, number: int) -> None:
    """The chunk that was played last was answered as this number, exactly as it was."""
    require_answers(world.take.answers, number, number)
    require_exact(world.take)


# --- messages


def send_in_message_of(world: AudioWorld, size: int) -> None:
    """A good chunk in a message of exactly so many bytes; the line may end instead of an answer."""
    session = world.session
    pcm = to_pcm16(noise(world, session, usual_chunk(session)))
    session.line.send_chunk(pcm, padded_chunk_frame(pcm, size))


def require_back(world: AudioWorld, number: int) -> None:
    """That chunk comes back exactly as it was, as this number."""
    world.line.await_chunk()
    take = hear_out(world, world.session)
    require_answers(take.answers, number, number)
    require_exact(take)


# --- not listening


def play_without_listening(world: AudioWorld, seconds: float, most: int) -> None:
    """Chunks of so many seconds, until the pipeline takes no more, or has taken `most` MiB of messages."""
    session = world.session
    pcm = to_pcm16(noise(world, session, round(seconds * session.rate)))
    session.line.stop_listening()
    size, taken, stalled = len(chunk_message(pcm)), 0, False
    while not stalled and taken < most * MIB:
        stalled = not session.line.offer_chunk(pcm, STALL)
        taken += size
    world.moments |= {"stalled": float(stalled), "MiB taken": taken / MIB}


def require_stalled(world: AudioWorld) -> None:
    """The pipeline has made the speaker wait."""
    if not world.moments["stalled"]:
        seen = f"{world.moments['MiB taken']:.0f} MiB were taken while nothing of the answers was read"
        raise PromiseBrokenError("a speaker who does not listen is made to wait", seen)


def require_all_after(world: AudioWorld) -> None:
    """Once the speaker listens, every chunk that was sent is answered, in order and as it was."""
    line = world.line
    line.listen_again()
    count = line.unanswered + len(line.chunks)
    if not count:
        raise VoidError("no chunk was sent")
    for _ in range(count):
        line.await_chunk(STREAM_LIMIT / 2)
    require_answers(line.chunks, 1, count)
    require("that every chunk comes back as it was is {}", True, all(one.pcm == one.played for one in line.chunks))


# --- not using


def require_there(world: AudioWorld) -> None:
    """The sessions are there before they are left alone. VoidError where one is not."""
    listed = entries(world)
    if not all(session.session_id in listed for session in world.sessions.values()):
        raise VoidError("a session was gone before anybody could leave it alone")


def require_ended(world: AudioWorld, after: float, within: float) -> None:
    """Every session ends `after` seconds at the earliest and `within` seconds at the latest, from when it was last used on."""
    wanted = f"a session that nobody uses ends after {after:g} s and within {within:g} s"
    ids = {session.session_id for session in world.sessions.values()}
    limit = max(0.0, world.moments["used to"] + within - time.monotonic())
    gone: dict[str, float] = {}

    def look() -> int:
        listed = entries(world)
        for session_id in ids - listed.keys() - gone.keys():
            gone[session_id] = time.monotonic() - world.moments["used from"]
        return len(ids) - len(gone)

    eventually(look, lambda left: not left, limit, wanted, interval=0.05, describe=lambda left: f"{left} of {len(ids)} are left")
    if min(gone.values()) < after:
        raise PromiseBrokenError(wanted, f"one ended after {min(gone.values()):.2f} s")


def play_every(world: AudioWorld, seconds: float, every: float) -> None:
    """One chunk in so many seconds, for so long."""
    session = world.session
    count = round(seconds / every)
    play(world, Playing(session, noise(world, session, count * usual_chunk(session)), every=every))
