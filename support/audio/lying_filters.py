"""Pipelines whose filters break one promise each: the band of a voice, an equalizer, presence and bass."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from collections.abc import Mapping
from typing import Any

import numpy as np

from support.audio.lie import lies
from support.audio.reference.dsp import biquads
from support.audio.reference.dsp.biquads import Section
from support.audio.reference.dsp.stages.filters import Equalizer, VoiceEnhancement, VoiceFilter
from support.audio.reference.dsp.stages.stage import Parameters, Samples

Band = Mapping[str, Any]
USUAL_RATE = 16000

# --- the band of a voice


@lies("Its voice filter lets everything pass.")
class VoiceFilterLetsAllPass(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return []


@lies("Its voice filter has no lower edge.")
class VoiceFilterWithoutLowEdge(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return biquads.butterworth("low_pass", parameters["high_hz"], parameters["order"], self.rate)


@lies("Its voice filter has no upper edge.")
class VoiceFilterWithoutHighEdge(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return biquads.butterworth("high_pass", parameters["low_hz"], parameters["order"], self.rate)


@lies("Its voice filter is of the first order where it should be of the fourth.")
class VoiceFilterTooGentle(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "order": max(1, parameters["order"] // 4)})


@lies("Its voice filter makes a voice quieter, too.")
class VoiceFilterMakesVoicesQuieter(VoiceFilter):
    def process(self, samples: Samples) -> Samples:
        return super().process(samples) * 0.8


@lies("Its voice filter has the usual edges whatever it is told.")
class VoiceFilterEdgesIgnored(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "low_hz": 300.0, "high_hz": 3400.0})


@lies("Its voice filter has the usual lower edge whatever it is told.")
class VoiceFilterLowEdgeIgnored(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "low_hz": 300.0})


@lies("Its voice filter has the usual order whatever it is told.")
class VoiceFilterOrderIgnored(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "order": 4})


@lies("Its voice filter takes every sound for one of 16,000 samples a second.")
class VoiceFilterRateIgnored(VoiceFilter):
    def sections(self, parameters: Parameters) -> list[Section]:
        honest, self.rate = self.rate, USUAL_RATE
        try:
            return super().sections(parameters)
        finally:
            self.rate = honest


# --- the equalizer


@lies("Its equalizer does nothing.")
class EqualizerDoesNothing(Equalizer):
    def sections(self, parameters: Parameters) -> list[Section]:
        return []


@lies("Its equalizer works at half as much again as the frequency that it is told.")
class EqualizerAtAnotherFrequency(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "frequency": band["frequency"] * 1.5})


@lies("Its equalizer gives half of the gain in dB.")
class EqualizerGainHalved(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "gain": band["gain"] / 2})


@lies("Its equalizer gives 0.8 dB more than it is told.")
class EqualizerGainALittleOff(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "gain": band["gain"] + 0.8})


@lies("Its equalizer raises where it should lower.")
class EqualizerNeverLowers(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "gain": abs(band["gain"])})


@lies("Its equalizer has the usual q whatever it is told.")
class EqualizerQIgnored(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "q": 1.0})


@lies("Its equalizer takes a q for the width: a high one is wide.")
class EqualizerQInverted(Equalizer):
    def section(self, band: Band) -> Section:
        return super().section({**band, "q": 1 / band["q"]})


@lies("Its equalizer raises the whole sound.")
class EqualizerRaisesEverything(Equalizer):
    def process(self, samples: Samples) -> Samples:
        return np.asarray(samples * 10 ** (self._all / 20))

    def sections(self, parameters: Parameters) -> list[Section]:
        self._all = sum(band["gain"] for band in parameters["bands"])
        return super().sections(parameters)


@lies("Its equalizer has one band only, the first.")
class EqualizerWithOneBand(Equalizer):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "bands": parameters["bands"][:1]})


class _TakesFor(Equalizer):
    """Takes some types of bands for others."""

    taken: tuple[tuple[str, str], ...] = ()

    def section(self, band: Band) -> Section:
        return super().section({**band, "type": dict(self.taken).get(band["type"], band["type"])})


@lies("Its equalizer takes shelves for peaks.")
class EqualizerWithoutShelves(_TakesFor):
    taken = (("low_shelf", "peaking"), ("high_shelf", "peaking"))


@lies("Its equalizer mistakes a low shelf for a high one.")
class EqualizerShelvesSwapped(_TakesFor):
    taken = (("low_shelf", "high_shelf"), ("high_shelf", "low_shelf"))


@lies("Its equalizer mistakes a low pass for a high pass.")
class EqualizerPassesSwapped(_TakesFor):
    taken = (("low_pass", "high_pass"), ("high_pass", "low_pass"))


@lies("Its equalizer takes every sound for one of 16,000 samples a second.")
class EqualizerRateIgnored(Equalizer):
    def section(self, band: Band) -> Section:
        honest, self.rate = self.rate, USUAL_RATE
        try:
            return super().section(band)
        finally:
            self.rate = honest


# --- presence and bass


@lies("Its voice enhancement does nothing.")
class EnhancementDoesNothing(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return []


@lies("Its voice enhancement does a little where it should do nothing.")
class EnhancementAlwaysDoesALittle(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "clarity": max(parameters["clarity"], 0.02)})


@lies("With more clarity a voice has less presence.")
class ClarityInverted(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "clarity": -parameters["clarity"]})


@lies("With more warmth a voice has less bass.")
class WarmthInverted(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "warmth": -parameters["warmth"]})


@lies("It never takes warmth away.")
class WarmthOnlyRaises(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "warmth": max(parameters["warmth"], 0.0)})


@lies("It mistakes clarity for warmth.")
class ClarityAndWarmthSwapped(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({"clarity": parameters["warmth"], "warmth": parameters["clarity"]})


@lies("It knows clarity all the way or not at all.")
class ClarityIsASwitch(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        return super().sections({**parameters, "clarity": float(parameters["clarity"] > 0.9)})


@lies("Its voice enhancement takes every sound for one of 16,000 samples a second.")
class EnhancementRateIgnored(VoiceEnhancement):
    def sections(self, parameters: Parameters) -> list[Section]:
        honest, self.rate = self.rate, USUAL_RATE
        try:
            return super().sections(parameters)
        finally:
            self.rate = honest
