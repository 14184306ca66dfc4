"""Speakers who send what is no good chunk, alone and between good ones. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Sequence
from itertools import cycle, islice

from support.audio.answered import require_nothing_else
from support.audio.frames import Frame
from support.audio.line import Line
from support.audio.mistakes import TAKING_TURNS, mistake
from support.audio.playing import noise
from support.audio.protocol import Tell
from support.audio.session import Session
from support.audio.signals import Samples
from support.audio.sounds import Sound
from support.audio.streaming import Playing, hear_out, play, stream, usual_chunk
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError


def send(world: AudioWorld, phrase: str) -> None:
    """Send the bad message that `phrase` describes."""
    world.line.send_text(mistake(phrase))


def play_between_mistakes(world: AudioWorld, chunks: int) -> None:
    """So many chunks of noise with something bad after each, without waiting for an answer."""
    session = world.session
    _play(world, session, noise(world, session, chunks * usual_chunk(session)), window=None)


def play_with_mistakes_again(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """A sound in the session, and the same in another one like it, with something bad after each chunk."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    play(world, Playing(session, samples))
    another = world.open_session(session.config, rate=session.rate, name=f"{session.name}, again")
    _play(world, another, samples, window=None)


def play_beside_mistakes(world: AudioWorld, good: str, chunks: int, bad: str, messages: int) -> None:
    """One speaker plays so many chunks, while another one sends so many bad messages."""
    session, other = world.sessions[good], world.sessions[bad]
    for frame in _in_turn(messages):
        other.line.send_text(frame)
    play(world, Playing(session, noise(world, session, chunks * usual_chunk(session))))


def require_told(line: Line, codes: Sequence[str]) -> None:
    """The next that is answered, if it is no figures, is an error with one of these codes and a reason."""
    frame = line.await_frame(Tell.ERROR, Tell.PROCESSED_AUDIO, Tell.PONG, Tell.CONFIG_UPDATED)
    _require_error(frame)
    if frame.code not in codes:
        raise PromiseBrokenError(f"the speaker is told {' or '.join(codes)}", str(frame))


def require_told_only(world: AudioWorld, codes: Sequence[str]) -> None:
    """That, and nothing else arrives; the line stays open."""
    require_told(world.line, codes)
    require_nothing_else(world)
    if not world.line.open:
        raise PromiseBrokenError("the line stays open after a mistake", str(world.line.closing))


def require_mistakes(line: Line, count: int) -> None:
    """So many errors were told, each with a code and a reason; there are no more of them."""
    for _ in range(count):
        _require_error(line.await_frame(Tell.ERROR))
    more = [frame for frame in line.leftover if frame.type == Tell.ERROR]
    if more:
        raise PromiseBrokenError(f"the speaker is told of {count} mistakes", f"{count + len(more)}, the last: {more[-1]}")


def _require_error(frame: Frame) -> None:
    if frame.type != Tell.ERROR or not frame.code or not frame.error.get("message"):
        raise PromiseBrokenError("a mistake is answered with an error that has a code and a reason", str(frame))


def _play(world: AudioWorld, session: Session, samples: Samples, window: int | None) -> None:
    count = len(samples) // usual_chunk(session)
    frames = _in_turn(count)
    stream(world, Playing(session, samples, window=window, before={number + 1: [frames[number]] for number in range(count - 1)}))
    session.line.send_text(frames[-1])
    hear_out(world, session)


def _in_turn(count: int) -> list[str]:
    return [str(mistake(phrase)) for phrase in islice(cycle(TAKING_TURNS), count)]
