"""Stages one after the other, from samples of 16 bits to samples of 16 bits."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from support.audio.protocol import FULL_SCALE
from support.audio.reference.dsp.quality import Meter, Quality
from support.audio.reference.dsp.stages.agc import AutomaticGain
from support.audio.reference.dsp.stages.compressor import Compressor
from support.audio.reference.dsp.stages.filters import Equalizer, VoiceEnhancement, VoiceFilter
from support.audio.reference.dsp.stages.limiter import Limiter
from support.audio.reference.dsp.stages.loudness_normalization import LoudnessNormalization
from support.audio.reference.dsp.stages.noise_reduction import NoiseReduction
from support.audio.reference.dsp.stages.stage import Live, Samples, Stage
from support.audio.reference.dsp.stages.voice_activity import VoiceActivity

__all__ = ["Chain", "Processed", "Quality", "StagePlan"]

Pcm = NDArray[np.int16]
LOWEST, HIGHEST = -FULL_SCALE, FULL_SCALE - 1
STAGES: dict[str, type[Stage]] = {
    "vad": VoiceActivity,
    "voice_filter": VoiceFilter,
    "noise_reduction": NoiseReduction,
    "voice_enhancement": VoiceEnhancement,
    "equalizer": Equalizer,
    "compression": Compressor,
    "agc": AutomaticGain,
    "lufs_normalization": LoudnessNormalization,
    "limiter": Limiter,
}


@dataclass(frozen=True)
class StagePlan:
    """A stage as it is wanted. Gains in dB; parameters: all that there are, checked."""

    name: str
    enabled: bool
    gain_in: float
    gain_out: float
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Processed:
    """What became of a chunk. stage_seconds: what each stage took."""

    pcm: Pcm
    stage_seconds: dict[str, float]
    quality: Quality


class Place:
    """A stage in a chain, with the gains before and after it."""

    def __init__(self, plan: StagePlan, rate: int) -> None:
        self.name = plan.name
        self.live = Live(STAGES[plan.name](plan.parameters, rate))
        self._before = factor(plan.gain_in)
        self._after = factor(plan.gain_out)

    def process(self, samples: Samples) -> Samples:
        """As many samples as were given."""
        louder = samples if self._before == 1 else samples * self._before
        done = self.live.process(louder)
        return done if self._after == 1 else done * self._after


class Chain:
    """Enabled stages in their order, for one channel at `rate` Hz. Others are left out, and take no time."""

    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        self.rate = rate
        self._places = [Place(plan, rate) for plan in stages if plan.enabled]
        self._meter = Meter(rate)
        self._listener = VoiceActivity({"aggressiveness": 2, "frame_duration": 20}, rate)

    @property
    def latency_samples(self) -> int:
        """By how many samples the output is late."""
        return sum(place.live.stage.latency for place in self._places)

    def process(self, pcm: Pcm) -> Processed:
        """One chunk of any length above none."""
        seconds: dict[str, float] = {}
        samples: Samples = pcm / FULL_SCALE
        for place in self._places:
            begun = time.perf_counter()
            samples = place.process(samples)
            seconds[place.name] = time.perf_counter() - begun
        out, clipped = self.rounded(samples) if self._places else (pcm, 0)
        return Processed(out, seconds, self._meter.measure(out, clipped, self.voiced(samples)))

    def update(self, stage: str, parameters: Mapping[str, object]) -> None:
        """From the next chunk on; all parameters of the stage, checked. Nothing for one that is disabled."""
        for place in self._places:
            if place.name == stage:
                place.live.update(parameters)

    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        """As 16 bits, and how many had to be cut off at full scale."""
        whole = np.rint(samples * FULL_SCALE)
        cut = np.clip(whole, LOWEST, HIGHEST)
        return cut.astype(np.int16), int(np.count_nonzero(cut != whole))

    def voiced(self, samples: Samples) -> bool:
        """Whether the stage that listens for voices has heard one; without that stage, whether there is one in what comes out."""
        for place in self._places:
            if isinstance(place.live.stage, VoiceActivity):
                return place.live.stage.voiced
        self._listener.process(samples)
        return self._listener.voiced


def factor(decibels: float) -> float:
    """Of a level; exactly 1 for 0 dB."""
    return float(10 ** (decibels / 20))
