"""Stages that are filters: the voice's band, its presence and bass, and an equalizer."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from support.audio.reference.dsp import biquads
from support.audio.reference.dsp.biquads import Cascade, Section
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

PRESENCE, PRESENCE_Q, MOST_PRESENCE = 3000.0, 0.7, 6.0
BASS, BASS_Q, MOST_BASS = 250.0, biquads.FLAT, 6.0
"""Hz, Q, and dB at the end of the range."""
PAST = 0.1
"""Seconds of sound that new filters hear before they are heard."""
Design = Callable[[float, float, float, int], Section]
DESIGNS: dict[str, Design] = {
    "peaking": biquads.peaking,
    "low_shelf": biquads.low_shelf,
    "high_shelf": biquads.high_shelf,
    "low_pass": lambda frequency, _, q, rate: biquads.low_pass(frequency, q, rate),
    "high_pass": lambda frequency, _, q, rate: biquads.high_pass(frequency, q, rate),
}
"""From (frequency in Hz, gain in dB, q, rate in Hz)."""
ONLY_GAIN = ("peaking", "low_shelf", "high_shelf")
"""These do nothing without a gain."""


class FilterStage(Stage):
    """Sections of filters. Others that come while sound passes hear the last of it first, as if they had been there."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._past = np.zeros(round(PAST * rate))
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self._cascade = Cascade(self.sections(parameters))
        self._cascade(self._past)

    def sections(self, parameters: Parameters) -> list[Section]:
        """The filters that the parameters ask for."""
        raise NotImplementedError

    def process(self, samples: Samples) -> Samples:
        self._past = np.concatenate([self._past, samples])[len(samples) :].copy()
        return self._cascade(samples)


class VoiceFilter(FilterStage):
    """A high pass and a low pass (Butterworth) of the same order."""

    def sections(self, parameters: Parameters) -> list[Section]:
        order = parameters["order"]
        below = biquads.butterworth("high_pass", parameters["low_hz"], order, self.rate)
        return below + biquads.butterworth("low_pass", parameters["high_hz"], order, self.rate)


class VoiceEnhancement(FilterStage):
    """Clarity raises the presence of a voice; warmth raises or lowers its bass."""

    def sections(self, parameters: Parameters) -> list[Section]:
        clarity, warmth = parameters["clarity"], parameters["warmth"]
        sections = []
        if clarity:
            sections.append(biquads.peaking(PRESENCE, MOST_PRESENCE * clarity, PRESENCE_Q, self.rate))
        if warmth:
            sections.append(biquads.low_shelf(BASS, MOST_BASS * warmth, BASS_Q, self.rate))
        return sections


class Equalizer(FilterStage):
    """Bands one after the other."""

    def sections(self, parameters: Parameters) -> list[Section]:
        return [self.section(band) for band in parameters["bands"] if band["gain"] or band["type"] not in ONLY_GAIN]

    def section(self, band: Mapping[str, Any]) -> Section:
        """The filter of one band."""
        return DESIGNS[band["type"]](band["frequency"], band["gain"], band["q"], self.rate)
