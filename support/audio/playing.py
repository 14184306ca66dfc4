"""What speakers play: chunks of noise, sounds in chunks of all lengths. Every chunk of noise is another one."""

from collections.abc import Sequence

import numpy as np

from support.audio import signals
from support.audio.protocol import SAMPLE_BYTES
from support.audio.session import Session, Take
from support.audio.signals import Samples
from support.audio.sounds import Sound
from support.audio.streaming import WINDOW, Playing, play, usual_chunk
from support.audio.world import AudioWorld

NOISE = -12.0
"""dBFS of what is played where it does not matter what."""
LOUD_VALUE, QUIET_VALUE = 0.7, 0.01
"""Samples that a gain of 12 dB makes far too loud, and leaves far from it."""
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


def play_partly_too_loud(world: AudioWorld, session: Session, count: int) -> Take:
    """One chunk whose first `count` samples are near full scale, in turn on both sides, and all others near nothing."""
    samples = np.full(usual_chunk(session), QUIET_VALUE)
    samples[:count] = LOUD_VALUE
    samples[1::2] *= -1
    return play(world, Playing(session, samples))


def play_the_same_plainly(world: AudioWorld) -> Take:
    """What was played last, in the same chunks one by one, in a session that does nothing to it."""
    session = world.session
    chunks = [len(answer.played) // SAMPLE_BYTES for answer in session.take.answers]
    plain = world.open_session((), rate=session.rate, name="one without stages")
    take = play(world, Playing(plain, session.take.played, chunks, ONE_BY_ONE))
    world.speaking = session.name
    return take
