"""Pipelines that break one promise each about the loudness of a programme."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001

import math
import random
from dataclasses import replace

import numpy as np
import pyebur128

from support.audio.lie import lies
from support.audio.reference.dsp.k_weighting import OFFSET, k_weighting
from support.audio.reference.dsp.loudness import SHORT_TERM, LoudnessAnswer, Meter, Samples, audible
from support.audio.reference.dsp.loudness import analyse as loudness_of
from support.audio.reference.models import LoudnessRequest
from support.audio.reference.routes import Routes, Told

BLOCK, HOP = 0.4, 0.1
"""Seconds of a gating block, and from one to the next (BS.1770-4)."""
QUIETEST = -70.0
USUAL_TARGET = -23.0

# --- loudness


def _blocks(samples: Samples, rate: int, *, weighted: bool, seconds: float = BLOCK) -> Samples:
    """Mean powers of blocks, summed over the channels."""
    sounds = [k_weighting(rate)(channel) if weighted else channel for channel in samples.T]
    size, hop = round(seconds * rate), round(HOP * rate)
    begins = range(0, max(1, len(samples) - size + 1), hop)
    return np.array([sum(float(np.mean(sound[begin : begin + size] ** 2)) for sound in sounds) for begin in begins])


def _lufs(power: float, offset: float = OFFSET) -> float:
    return offset + 10 * math.log10(power) if power > 0 else -math.inf


def _with_integrated(found: LoudnessAnswer, integrated: float) -> LoudnessAnswer:
    told = audible(integrated)
    return replace(found, integrated=told, gain_adjustment_db=None if told is None else found.target_lufs - told)


@lies("Its loudness is not weighted as people hear.", over=loudness_of)
def meter_without_weighting(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    powers = _blocks(samples, rate, weighted=False)
    heard = powers[powers > 10 ** (QUIETEST / 10)]
    loud = heard[heard > 0.1 * np.mean(heard)] if len(heard) else heard
    return _with_integrated(loudness_of(samples, rate, target), _lufs(float(np.mean(loud)), 0.0) if len(loud) else -math.inf)


@lies("Its loudness is weighted as if every sound had 48,000 samples a second.", over=loudness_of)
def meter_rate_ignored(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return loudness_of(samples, 48000, target)


@lies("Its loudness has no gates: pauses count.", over=loudness_of)
def meter_without_gates(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return _with_integrated(loudness_of(samples, rate, target), _lufs(float(np.mean(_blocks(samples, rate, weighted=True)))))


@lies("Its loudness has the absolute gate only.", over=loudness_of)
def meter_without_relative_gate(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    powers = _blocks(samples, rate, weighted=True)
    heard = powers[powers > 10 ** ((QUIETEST - OFFSET) / 10)]
    return _with_integrated(loudness_of(samples, rate, target), _lufs(float(np.mean(heard))) if len(heard) else -math.inf)


@lies("Its loudness averages the channels instead of adding them.", over=loudness_of)
def meter_averages_channels(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return loudness_of(samples.mean(axis=1, keepdims=True), rate, target)


@lies("Its loudness is that of the first channel.", over=loudness_of)
def meter_of_one_channel(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return loudness_of(np.ascontiguousarray(samples[:, :1]), rate, target)


@lies("It tells the level for the loudness.", over=loudness_of)
def meter_tells_rms(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return _with_integrated(loudness_of(samples, rate, target), _lufs(float(np.mean(np.sum(samples**2, axis=1))), 0.0))


@lies("Silence has a loudness of -70 LUFS.", over=loudness_of)
def silence_has_loudness(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    return found if found.integrated is not None else replace(found, integrated=QUIETEST)


@lies("Its momentary loudness is looked for each 100 ms.")
class MomentaryEach100Ms(Meter):
    def add(self, samples: Samples) -> None:
        super().add(samples)
        state = pyebur128.R128State(samples.shape[1], self.state.samplerate, pyebur128.MeasurementMode.MODE_M)
        self.momentary, step = -math.inf, round(HOP * self.state.samplerate)
        for begin in range(0, len(samples), step):
            part = np.ascontiguousarray(samples[begin : begin + step])
            state.add_frames(part.ravel(), len(part))
            self.momentary = max(self.momentary, pyebur128.get_loudness_momentary(state))


@lies("Its momentary loudness is that of the end.")
class MomentaryAtTheEnd(Meter):
    def add(self, samples: Samples) -> None:
        super().add(samples)
        self.momentary = pyebur128.get_loudness_momentary(self.state)


@lies("Its short-term loudness is that of the end.")
class ShortTermAtTheEnd(Meter):
    def add(self, samples: Samples) -> None:
        super().add(samples)
        self.short_term = pyebur128.get_loudness_shortterm(self.state)


@lies("It tells the momentary loudness for the short-term one.")
class ShortTermTooShort(Meter):
    def add(self, samples: Samples) -> None:
        super().add(samples)
        self.short_term = self.momentary


@lies("It tells the short-term loudness for the momentary one.")
class MomentaryTooLong(Meter):
    def add(self, samples: Samples) -> None:
        super().add(samples)
        self.momentary = self.short_term


def _spread(values: Samples) -> float:
    """The range of loudness values, with the gates of Tech 3342."""
    heard = values[values > QUIETEST]
    loud = heard[heard > 10 * np.log10(np.mean(10 ** (heard / 10))) - 20] if len(heard) else heard
    return float(np.percentile(loud, 95) - np.percentile(loud, 10)) if len(loud) else 0.0


@lies("Its range is that of the momentary loudness.", over=loudness_of)
def range_of_moments(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    moments = np.array([_lufs(power) for power in _blocks(samples, rate, weighted=True)])
    return found if found.loudness_range is None else replace(found, loudness_range=_spread(moments))


@lies("Its range knows no gate.", over=loudness_of)
def range_without_gate(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    heard = np.array([_lufs(power) for power in _blocks(samples, rate, weighted=True, seconds=SHORT_TERM) if power > 0])
    spread = float(np.percentile(heard, 95) - np.percentile(heard, 10)) if len(heard) else 0.0
    return found if found.loudness_range is None else replace(found, loudness_range=spread)


@lies("It tells a range of whatever lasts less than three seconds.", over=loudness_of)
def range_of_short_sounds(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    return replace(found, loudness_range=found.loudness_range or 0.0)


@lies("It tells no range at all.", over=loudness_of)
def range_never_told(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return replace(loudness_of(samples, rate, target), loudness_range=None)


@lies("It tells the peak of the samples for the true peak.")
class SamplePeakForTruePeak(Meter):
    highest = 0.0

    def add(self, samples: Samples) -> None:
        super().add(samples)
        self.highest = float(np.max(np.abs(samples)))

    def true_peak(self) -> float:
        return 20 * math.log10(max(self.highest, 1e-6))


@lies("Its true peak is never over 0 dBTP.")
class TruePeakCutOff(Meter):
    def true_peak(self) -> float:
        return min(0.0, super().true_peak())


@lies("It tells by how much a programme is off the wrong way round.", over=loudness_of)
def gain_inverted(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    gain = found.gain_adjustment_db
    return replace(found, gain_adjustment_db=None if gain is None else -gain)


@lies("Its target is -23 LUFS whatever it is told.", over=loudness_of)
def target_of_loudness_ignored(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return replace(loudness_of(samples, rate, USUAL_TARGET), target_lufs=target)


@lies("It has a programme made louder only.", over=loudness_of)
def gain_only_raises(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    gain = found.gain_adjustment_db
    return replace(found, gain_adjustment_db=None if gain is None else max(0.0, gain))


@lies("It calls everything compliant.", over=loudness_of)
def compliant_always(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return replace(loudness_of(samples, rate, target), compliant=True)


@lies("It calls nothing compliant.", over=loudness_of)
def compliant_never(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    return replace(loudness_of(samples, rate, target), compliant=False)


@lies("It calls compliant what is not too loud, however quiet it is.", over=loudness_of)
def compliant_when_quiet(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    return replace(found, compliant=found.integrated is not None and found.integrated <= target + 0.5)


@lies("It calls compliant what is as loud as agreed, however high its peaks.", over=loudness_of)
def compliant_whatever_the_peaks(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    return replace(found, compliant=found.integrated is not None and abs(found.integrated - target) <= 0.5)


@lies("Its loudness has a little randomness in it.", over=loudness_of)
def meter_a_little_random(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    found = loudness_of(samples, rate, target)
    return found if found.integrated is None else _with_integrated(found, found.integrated + random.uniform(-0.01, 0.01))


# --- what has no loudness


class AnyLoudness(LoudnessRequest):
    """Takes any rate and any number of channels."""

    sample_rate: int = 16000
    channels: int = 1


@lies("It measures the loudness of no channels, and at no sample rate, with those that are usual.")
class LoudnessOfNoChannels(Routes):
    async def loudness(self, asked: AnyLoudness) -> Told:  # type: ignore[override]
        usual = {"sample_rate": asked.sample_rate or 16000, "channels": asked.channels or 1}
        return await super().loudness(asked.model_copy(update=usual))


@lies("It stumbles over a sample rate of 0 Hz and over no channels.")
class LoudnessStumbles(Routes):
    async def loudness(self, asked: AnyLoudness) -> Told:  # type: ignore[override]
        if asked.sample_rate <= 0 or asked.channels <= 0:
            raise ZeroDivisionError
        return await super().loudness(asked)
