"""What speakers play: chunks of noise, sounds in chunks of all lengths. Every chunk of noise is another one."""

from collections.abc import Sequence

import numpy as np

from support.audio import signals
from support.audio.session import Session, Take
from support.audio.signals import Samples
from support.audio.sounds import Sound
from support.audio.streaming import WINDOW, Playing, play, play_together, usual_chunk
from support.audio.world import AudioWorld

NOISE = -12.0
"""dBFS of what is played where it does not matter what."""
ONE_BY_ONE = 1
"""Each chunk when the one before was answered."""


def noise(world: AudioWorld, session: Session, samples: int) -> Samples:
    """So many samples that were not played before, in no session of this scenario."""
    seed = int(world.moments.get("noise", 0)) + 1
    world.moments["noise"] = seed
    return signals.white_noise(NOISE, samples / session.rate, session.rate, seed)[:samples]


def play_noise(world: AudioWorld, session: Session, chunks: int, window: int | None = WINDOW) -> Take:
    """So many chunks of 0.1 s."""
    return play_lengths(world, session, [usual_chunk(session)] * chunks, window)


def play_lengths(world: AudioWorld, session: Session, lengths: Sequence[int], window: int | None = WINDOW) -> Take:
    """Chunks of noise of so many samples each."""
    return play(world, Playing(session, noise(world, session, sum(lengths)), lengths, window))


def play_seconds(world: AudioWorld, session: Session, seconds: Sequence[float], window: int | None = WINDOW) -> Take:
    """Chunks of noise of so many seconds each."""
    return play_lengths(world, session, [round(each * session.rate) for each in seconds], window)


def play_sound(world: AudioWorld, session: Session, sound: Sound, seconds: float) -> Take:
    """A sound, in chunks of 0.1 s."""
    return play(world, Playing(session, sound.render(seconds, session.rate)))


def play_every_value(world: AudioWorld, session: Session) -> Take:
    """Every value that a sample can have, from the least to the greatest."""
    return play(world, Playing(session, np.arange(-32768, 32768) / 32768))


def play_noise_each(world: AudioWorld, counts: dict[str, int]) -> None:
    """Several speakers at once, each so many chunks of noise; none for nought."""
    sessions = {world.sessions[name]: count for name, count in counts.items() if count}
    play_together(
        world,
        [Playing(session, noise(world, session, count * usual_chunk(session))) for session, count in sessions.items()],
    )


def play_sounds_each(world: AudioWorld, sounds: dict[str, Sound], seconds: float) -> None:
    """Several speakers at once, each a sound of its own."""
    each = ((world.sessions[name], sound) for name, sound in sounds.items())
    play_together(world, [Playing(session, sound.render(seconds, session.rate)) for session, sound in each])
