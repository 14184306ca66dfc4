"""Sounds in the words of a feature file: "a tone of 1,000 Hz at -20 dBFS and white noise at -40 dBFS"."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from support.audio import signals
from support.audio.signals import Samples

Render = Callable[[float, int, int], Samples]
"""(seconds, rate in Hz, seed) -> mono samples."""

_NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
_AT = rf"at (?:(?P<level>{_NUMBER}) dBFS|full scale)"
_BETWEEN = ", with its peaks between the samples"


@dataclass(frozen=True)
class Part:
    """One of the sounds that are heard at once."""

    words: str
    """As they were written."""
    render: Render
    tone: float | None = None
    """Its frequency in Hz, where it is a steady tone."""


@dataclass(frozen=True)
class Sound:
    """What is played: one or more sounds at once."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " and ".join(part.words for part in self.parts)

    @property
    def tones(self) -> tuple[float, ...]:
        """The frequencies (Hz) of the steady tones in it."""
        return tuple(part.tone for part in self.parts if part.tone is not None)

    def render(self, seconds: float, rate: int = 16000, seed: int = 1) -> Samples:
        """The sound, mono, float64 of full scale 1.0; the same for the same arguments. Each part has a randomness of its own.

        ValueError where a rate (Hz) does not carry a tone.
        """
        each = [part.render(seconds, rate, 100 * seed + at) for at, part in enumerate(self.parts)]
        return np.asarray(np.sum(each, axis=0), dtype=np.float64)


def parse_sound(text: str) -> Sound:
    """The sound that is meant. The level of a tone, a sweep and a square wave is that of its peak, the level of noise and of a
    voice is RMS; that of a burst is meant while it lasts. ValueError with the words that are known."""
    parts = tuple(_part(words) for words in re.split(r" and (?=an? |white |speech|bursts |silence)", text.strip()))
    return Sound(parts)


def _part(words: str) -> Part:
    plain = re.sub(r"^the same (?=tone|square|sweep)", "a ", words).removeprefix("the same ")
    if plain.startswith("bursts of "):
        steady = _part(plain.removeprefix("bursts of "))
        return Part(words, lambda seconds, rate, seed: signals.gated(steady.render(seconds, rate, seed), rate))
    for pattern, make in _KNOWN.values():
        if match := re.fullmatch(pattern, plain):
            return make(words, match)
    known = "\n  ".join([*_KNOWN, "bursts of any of them"])
    raise ValueError(f"{words!r} is no sound that is known. Known are, alone or with 'and' between them:\n  {known}")


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _level(match: re.Match[str]) -> float:
    level = 0.0 if match["level"] is None else _number(match["level"])
    if level > 0:
        raise ValueError(f"{match[0]!r} is over full scale")
    return level


def _silence(words: str, _: re.Match[str]) -> Part:
    return Part(words, lambda seconds, rate, _: signals.silence(seconds, rate))


def _tone(words: str, match: re.Match[str]) -> Part:
    frequency, level, between = _number(match["frequency"]), _level(match), match["between"] is not None

    def render(seconds: float, rate: int, _: int) -> Samples:
        phase = signals.between_samples(frequency, rate) if between else 0.0
        return signals.sine(frequency, level, seconds, rate, phase)

    return Part(words, render, frequency)


def _square(words: str, match: re.Match[str]) -> Part:
    frequency, level = _number(match["frequency"]), _level(match)
    return Part(words, lambda seconds, rate, _: signals.square(frequency, level, seconds, rate))


def _sweep(words: str, match: re.Match[str]) -> Part:
    low, high, level = _number(match["low"]), _number(match["high"]), _level(match)
    return Part(words, lambda seconds, rate, _: signals.sweep(low, high, level, seconds, rate))


def _noise(words: str, match: re.Match[str]) -> Part:
    level = _level(match)
    return Part(words, lambda seconds, rate, seed: signals.white_noise(level, seconds, rate, seed))


def _voice(words: str, match: re.Match[str]) -> Part:
    level = _level(match)
    return Part(words, lambda seconds, rate, seed: signals.speech_like(level, seconds, rate, seed))


_KNOWN: dict[str, tuple[str, Callable[[str, re.Match[str]], Part]]] = {
    "silence": ("silence", _silence),
    "a tone of 1,000 Hz at -20 dBFS, also: with its peaks between the samples":
        (rf"a tone of (?P<frequency>{_NUMBER}) Hz {_AT}(?P<between>{_BETWEEN})?", _tone),
    "a square wave of 500 Hz at full scale": (rf"a square wave of (?P<frequency>{_NUMBER}) Hz {_AT}", _square),
    "a sweep from 100 Hz to 7,000 Hz at -20 dBFS":
        (rf"a sweep from (?P<low>{_NUMBER}) Hz to (?P<high>{_NUMBER}) Hz {_AT}", _sweep),
    "white noise at -40 dBFS": (rf"white noise {_AT}", _noise),
    "speech-like sound at -20 dBFS": (rf"speech-like sound {_AT}", _voice),
}  # fmt: skip
