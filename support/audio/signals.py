"""Sounds of a known level, made of numbers: what a speaker plays, and what known answers are known of.

Samples are float64 of full scale 1.0: (n,) for mono, (n, channels) for more. Levels are in dBFS, where 0 is a square wave of
full scale: a sine's, a square wave's and a sweep's are of its peak, a noise's and a voice's are RMS. `rate` is in Hz. The same
arguments always give the same samples.
"""

import io
import math
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

FULL_SCALE = 32768
"""Steps of a 16-bit sample in full scale 1.0."""
LEAST, GREATEST = -FULL_SCALE, FULL_SCALE - 1
CREST_OF_NOISE = 3.0
"""Peak of the white noise over its RMS, as a factor (9.5 dB): at -10 dBFS it still fits. Cutting samples that are independent of
each other off at one value leaves them independent, and so white."""
ON, OFF = 0.5, 1.0
"""Seconds of sound and of silence in bursts."""
EDGE = 0.005
"""Seconds in which a burst comes and goes: without it, its edges would be loud clicks of every frequency."""
VOICE_PITCH = 130.0
"""Hz, mean."""
VOWELS = (
    ((730.0, 1.0), (1090.0, 0.5), (2440.0, 0.18), (3400.0, 0.08)),
    ((530.0, 1.0), (1840.0, 0.35), (2480.0, 0.22), (3500.0, 0.08)),
    ((570.0, 1.0), (840.0, 0.6), (2410.0, 0.12), (3300.0, 0.06)),
    ((390.0, 1.0), (1990.0, 0.35), (2550.0, 0.25), (3600.0, 0.09)),
)
"""Formants (Hz, strength) of the vowels of father, head, dawn and bit: Peterson and Barney, 1952, rounded; strengths are ours."""
VOWEL_WIDTH = 130.0
"""Hz. Half the width of a formant."""
VOICE_FLOOR = 0.03
"""Strength of the harmonics between the formants."""
VOICE_DRIVE = 1.2
"""How much the peaks of each period are rounded off."""
SYLLABLE = 0.24
"""Seconds of a syllable, mean."""
BETWEEN_SYLLABLES = 0.35
"""How much of a voice is left between two syllables, as a factor (-9 dB): there is no pause."""


def amplitude(dbfs: float) -> float:
    """The factor of full scale that a level is; minus infinity is nothing."""
    return float(10 ** (dbfs / 20))


def samples_in(seconds: float, rate: int) -> int:
    """How many samples a time has. ValueError where it is negative or no time."""
    if not (math.isfinite(seconds) and seconds >= 0 and rate > 0):
        raise ValueError(f"a sound has a length from 0 s up and a rate above 0 Hz, not {seconds!r} s at {rate!r} Hz")
    return round(seconds * rate)


# --- sounds


def silence(seconds: float, rate: int = 16000) -> Samples:
    """Digital silence."""
    return np.zeros(samples_in(seconds, rate))


def sine(frequency: float, peak_dbfs: float, seconds: float, rate: int = 16000, phase_deg: float = 0.0) -> Samples:
    """A tone. ValueError where the rate cannot carry it."""
    _carried(frequency, rate)
    turns = np.arange(samples_in(seconds, rate)) * (frequency / rate) + phase_deg / 360
    return np.asarray(amplitude(peak_dbfs) * np.sin(2 * np.pi * turns), dtype=np.float64)


def between_samples(frequency: float, rate: int) -> float:
    """The phase in degrees with which a sine has its first crest half way between its first two samples (EBU Tech 3341, table 1,
    cases 16 to 18: 45 at a quarter of the rate, 60 at a sixth, 67.5 at an eighth)."""
    return 90 - 180 * frequency / rate


def square(frequency: float, peak_dbfs: float, seconds: float, rate: int = 16000) -> Samples:
    """A square wave, whose peak is its RMS. It is not band-limited. ValueError where the rate cannot carry its first harmonic."""
    _carried(frequency, rate)
    within = np.mod(np.arange(samples_in(seconds, rate)) * frequency, rate)  # whole numbers stay exact: no edge jitters
    return np.where(within < rate / 2, 1.0, -1.0) * amplitude(peak_dbfs)


def sweep(low: float, high: float, peak_dbfs: float, seconds: float, rate: int = 16000) -> Samples:
    """A tone that goes from one frequency (Hz) to another, an octave always in the same time."""
    _carried(low, rate)
    _carried(high, rate)
    count = samples_in(seconds, rate)
    pitch = low * (high / low) ** (np.arange(count) / max(count, 1))
    return amplitude(peak_dbfs) * np.sin(2 * np.pi * np.cumsum(pitch) / rate)


def white_noise(rms_dbfs: float, seconds: float, rate: int = 16000, seed: int = 1) -> Samples:
    """Normally distributed white noise, its peaks cut off at CREST_OF_NOISE, of exactly this level."""
    noise = np.random.default_rng(seed).standard_normal(samples_in(seconds, rate))
    return _at_rms(np.clip(noise, -CREST_OF_NOISE, CREST_OF_NOISE), rms_dbfs)


def speech_like(rms_dbfs: float, seconds: float, rate: int = 16000, seed: int = 1) -> Samples:
    """A voice that says nothing, of exactly this level: harmonics of a pitch of about 130 Hz that wanders, with the formants of
    vowels that follow each other in a gentle rhythm of syllables. No pauses; peaks are less than 8 dB over the level."""
    count = samples_in(seconds, rate)
    random = np.random.default_rng(seed)
    time = np.arange(count) / rate
    wander = 0.06 * np.sin(2 * np.pi * 0.31 * time + random.uniform(0, 2 * np.pi))
    wander += 0.04 * np.sin(2 * np.pi * 1.7 * time + random.uniform(0, 2 * np.pi))
    turns = np.cumsum(VOICE_PITCH * (1 + wander)) / rate
    knots = _syllables(seconds, random)
    vowels = random.integers(len(VOWELS), size=len(knots))
    harmonics = np.arange(1, int(min(4200.0, 0.45 * rate) / (1.1 * VOICE_PITCH)) + 1)
    strengths = _strengths(harmonics * VOICE_PITCH)
    phases = _spread(np.mean(strengths**2, axis=0))
    fundamental = np.exp(2j * np.pi * turns)
    rotation, voice = np.ones(count, dtype=np.complex128), np.zeros(count)
    for number, phase in zip(harmonics - 1, phases, strict=True):
        rotation *= fundamental
        voice += np.interp(time, knots, strengths[vowels, number]) * (rotation * np.exp(1j * phase)).imag
    return _at_rms(np.tanh(VOICE_DRIVE * voice) * _rhythm(time, knots), rms_dbfs)


def gated(samples: Samples, rate: int, on: float = ON, off: float = OFF) -> Samples:
    """The same sound in bursts: `on` seconds of it, `off` seconds of silence, and so on, with soft edges."""
    at = np.mod(np.arange(len(samples)) / rate, on + off)
    edge = np.clip(np.minimum(at, on - at) / EDGE, 0.0, 1.0)
    return _each_channel(samples, 0.5 - 0.5 * np.cos(np.pi * edge))


def bursts(rms_dbfs: float, seconds: float, rate: int = 16000, seed: int = 1, on: float = ON, off: float = OFF) -> Samples:
    """Speech-like sound in bursts. The level is that of the voice while it is there."""
    return gated(speech_like(rms_dbfs, seconds, rate, seed), rate, on, off)


def segments(
    levels: Sequence[tuple[float, float]], frequency: float = 1000.0, rate: int = 48000, channels: int = 2
) -> Samples:  # fmt: skip
    """A tone whose level changes, given as (peak in dBFS, seconds) one after the other, without a break in its phase; the same in
    each channel. Minus infinity is silence. (n, channels), or (n,) for one channel."""
    ends = [samples_in(end, rate) for end in np.cumsum([seconds for _, seconds in levels])]
    heights = np.repeat([amplitude(level) for level, _ in levels], np.diff([0, *ends]))
    tone = sine(frequency, 0.0, len(heights) / rate, rate) * heights
    return tone if channels == 1 else np.repeat(tone[:, None], channels, axis=1)


def faded(samples: Samples, rate: int, seconds: float = 0.01) -> Samples:
    """The same sound, coming and going softly: a wave that begins in the middle has a true peak of its own there."""
    count = len(samples)
    near = np.minimum(np.arange(count), np.arange(count)[::-1]) / (seconds * rate)
    return _each_channel(samples, 0.5 - 0.5 * np.cos(np.pi * np.clip(near, 0.0, 1.0)))


def every_value() -> Samples:
    """Every value that a 16-bit sample can have, from the least to the greatest: 65,536 samples."""
    return np.arange(LEAST, GREATEST + 1) / FULL_SCALE


# --- bytes


def to_pcm16(samples: Samples) -> bytes:
    """Signed 16-bit little-endian, rounded and cut off at full scale; channels interleaved. ValueError for what is no number."""
    if not np.all(np.isfinite(samples)):
        raise ValueError("a sample is a finite number")
    return np.clip(np.rint(samples * FULL_SCALE), LEAST, GREATEST).astype("<i2").tobytes()


def from_pcm16(pcm: bytes, channels: int = 1) -> Samples:
    """The samples of `to_pcm16`. ValueError where the last one is not whole."""
    if len(pcm) % (2 * channels):
        raise ValueError(f"{len(pcm):,} bytes are no whole number of {channels} x 16 bits")
    samples = np.frombuffer(pcm, dtype="<i2") / FULL_SCALE
    return samples if channels == 1 else samples.reshape(-1, channels)


def to_wav(samples: Samples, rate: int) -> bytes:
    """A WAV file (RIFF, PCM of 16 bits)."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(to_pcm16(samples))
    return file.getvalue()


# --- parts


def _carried(frequency: float, rate: int) -> None:
    if not 0 < frequency < rate / 2:
        raise ValueError(f"a rate of {rate:,} Hz carries tones from above 0 to below {rate / 2:,g} Hz, not {frequency:,g} Hz")


def _at_rms(samples: Samples, rms_dbfs: float) -> Samples:
    if not len(samples):
        return samples
    return samples * (amplitude(rms_dbfs) / math.sqrt(float(np.mean(samples**2))))


def _each_channel(samples: Samples, factor: Samples) -> Samples:
    return samples * (factor if samples.ndim == 1 else factor[:, None])


def _syllables(seconds: float, random: np.random.Generator) -> Samples:
    """The middles of syllables, from before the beginning to after the end."""
    apart = random.uniform(0.8 * SYLLABLE, 1.2 * SYLLABLE, size=int(seconds / (0.8 * SYLLABLE)) + 3)
    return np.asarray(np.cumsum(apart) - apart[0])


def _strengths(frequencies: NDArray[np.floating]) -> Samples:
    """How strong each frequency is in each vowel: (vowels, frequencies), all vowels of the same power."""
    strengths = np.array(
        [
            sum(strength / (1 + ((frequencies - centre) / VOWEL_WIDTH) ** 2) for centre, strength in vowel) + VOICE_FLOOR
            for vowel in VOWELS
        ]
    )
    return np.asarray(strengths / np.sqrt(np.sum(strengths**2, axis=1, keepdims=True)))


def _spread(powers: Samples) -> Samples:
    """Phases of harmonics that spread them over the period, so that the peak is low (Schroeder, 1970, for any spectrum)."""
    return np.asarray(-2 * np.pi * np.cumsum(np.concatenate([[0.0], np.cumsum(powers / np.sum(powers))[:-1]])))


def _rhythm(time: Samples, knots: Samples) -> Samples:
    """1 in the middle of a syllable, BETWEEN_SYLLABLES between two."""
    through = np.interp(time, knots, np.arange(len(knots)))
    return BETWEEN_SYLLABLES + (1 - BETWEEN_SYLLABLES) * (0.5 + 0.5 * np.cos(2 * np.pi * through))
