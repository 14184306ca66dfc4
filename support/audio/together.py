"""Several speakers at once, each in a session of their own."""

from collections.abc import Iterator, Mapping

from support.audio.answered import come_back
from support.audio.hearing import Hearing
from support.audio.lines import cut
from support.audio.playing import noise
from support.audio.session import Session
from support.audio.signals import sine
from support.audio.sounds import Sound
from support.audio.streaming import Playing, hear_out, play, play_together, stream, usual_chunk
from support.audio.world import AudioWorld

TONE = -12.0
"""dBFS of the tones that are played side by side."""


def play_noise(world: AudioWorld, counts: Mapping[str, int]) -> None:
    """Each of these speakers plays so many chunks of noise."""
    play_together(world, [_of_noise(world, world.sessions[name], count) for name, count in counts.items()])


def play_tones(world: AudioWorld, tones: Mapping[str, float], seconds: float) -> None:
    """Each of these speakers plays a tone of this frequency (Hz)."""
    sessions = [(world.sessions[name], frequency) for name, frequency in tones.items()]
    play_together(world, [Playing(one, sine(frequency, TONE, seconds, one.rate)) for one, frequency in sessions])


def play_the_same(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """All speakers play the same."""
    play_together(world, [Playing(one, sound.render(seconds, one.rate)) for one in world.sessions.values()])


def play_beside_a_loss(world: AudioWorld, good: str, chunks: int, lost: str) -> None:
    """One speaker plays so many chunks; half way the line of another one is cut, who comes back."""
    session = world.sessions[good]
    stream(world, _of_noise(world, session, chunks // 2))
    session.line.send_chunk(_of_noise(world, session, 1).cut()[0])
    cut(world.sessions[lost])
    session.line.await_chunk()
    come_back(world, world.sessions[lost])
    stream(world, _of_noise(world, session, chunks - chunks // 2 - 1))
    hear_out(world, session)


def alone(world: AudioWorld) -> Iterator[tuple[Hearing, Hearing]]:
    """What was heard in each session, and what is heard of the same in a session like it when nobody else plays."""
    for session in list(world.sessions.values()):
        own = world.open_session(session.config, rate=session.rate, name=f"{session.name}, alone")
        yield session.take.hearing, play(world, Playing(own, session.take.played)).hearing


def _of_noise(world: AudioWorld, session: Session, chunks: int) -> Playing:
    return Playing(session, noise(world, session, chunks * usual_chunk(session)))
