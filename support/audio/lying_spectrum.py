"""Pipelines that break one promise each about spectra, and about sounds of which no analysis can be made."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001

import base64
import random
from dataclasses import replace

import numpy as np

from support.audio.lie import lies
from support.audio.protocol import FULL_SCALE
from support.audio.reference.analysis import Analyst, Sound
from support.audio.reference.dsp.spectrum import Samples, Spectrum, average_power, periodic
from support.audio.reference.dsp.spectrum import analyse as spectrum_of
from support.audio.reference.models import AnalysisRequest, LoudnessRequest, SpectrumRequest
from support.audio.reference.routes import Routes, Told

# --- spectrum


@lies("Every frequency of a spectrum stands one step too high.", over=spectrum_of)
def spectrum_off_by_one(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    step = rate / size
    return replace(found, frequencies=found.frequencies + step, peak_frequency=found.peak_frequency + step)


@lies("The magnitudes of a spectrum are shifted by one place.", over=spectrum_of)
def magnitudes_off_by_one(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, magnitudes=np.roll(found.magnitudes, 1))


@lies("A spectrum tells its peak anywhere.", over=spectrum_of)
def spectrum_peak_at_random(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, peak_frequency=float(random.choice(found.frequencies)))


@lies("A spectrum has every other frequency only.", over=spectrum_of)
def spectrum_is_coarse(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, frequencies=found.frequencies[::2], magnitudes=found.magnitudes[::2])


@lies("A spectrum leaves out half of the sample rate.", over=spectrum_of)
def spectrum_without_its_end(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, frequencies=found.frequencies[:-1], magnitudes=found.magnitudes[:-1])


@lies("A spectrum takes every sound for one of 16,000 samples a second.", over=spectrum_of)
def spectrum_rate_ignored(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    return spectrum_of(samples, 16000, size, overlap, window_type)


@lies("A spectrum has windows of 2,048 samples whatever it is told.", over=spectrum_of)
def spectrum_size_ignored(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    return spectrum_of(samples, rate, 2048, overlap, window_type)


@lies("A spectrum reads 6 dB too low.", over=spectrum_of)
def spectrum_reads_low(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, magnitudes=found.magnitudes - 6.02)


@lies("A spectrum's levels are those of the RMS: a full-scale sine reads -3 dBFS.", over=spectrum_of)
def spectrum_reads_rms(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, magnitudes=found.magnitudes - 3.01)


@lies("A spectrum has the silence of a sound at 0 dBFS.", over=spectrum_of)
def spectrum_is_never_silent(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return found if np.any(samples) else replace(found, magnitudes=np.zeros_like(found.magnitudes))


@lies("A spectrum tells its levels beside the loudest.", over=spectrum_of)
def spectrum_is_relative(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, magnitudes=found.magnitudes - np.max(found.magnitudes))


@lies("A spectrum is taken without a window.", over=periodic)
def spectrum_without_window(window_type: str, size: int) -> Samples:
    return np.ones(size)


def _frames(samples: Samples, window: Samples, hop: int) -> Samples:
    """Powers of each window by itself: (windows, frequencies)."""
    size = len(window)
    return np.array(
        [
            average_power(samples[begin : begin + size], window, hop)
            for begin in range(0, max(1, len(samples) - size + 1), hop)
        ]
    )  # fmt: skip


@lies("A spectrum is the average of the windows' dB.", over=average_power)
def spectrum_averages_decibels(samples: Samples, window: Samples, hop: int) -> Samples:
    return np.asarray(10 ** np.mean(np.log10(np.maximum(_frames(samples, window, hop), 1e-20)), axis=0))


@lies("A spectrum is the average of the windows' amplitudes.", over=average_power)
def spectrum_averages_amplitudes(samples: Samples, window: Samples, hop: int) -> Samples:
    return np.asarray(np.mean(np.sqrt(_frames(samples, window, hop)), axis=0) ** 2)


@lies("A spectrum is that of the last window.", over=average_power)
def spectrum_of_the_last_window(samples: Samples, window: Samples, hop: int) -> Samples:
    return average_power(samples[-len(window) :], window, hop)


@lies("A spectrum is that of the first window.", over=average_power)
def spectrum_of_the_first_window(samples: Samples, window: Samples, hop: int) -> Samples:
    return average_power(samples[: len(window)], window, hop)


@lies("A spectrum holds the highest of all windows.", over=average_power)
def spectrum_holds_peaks(samples: Samples, window: Samples, hop: int) -> Samples:
    return np.asarray(np.max(_frames(samples, window, hop), axis=0))


@lies("A spectrum tells its centroid in steps, not in Hz.", over=spectrum_of)
def centroid_in_steps(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, spectral_centroid=found.spectral_centroid * size / rate)


@lies("A spectrum tells its peak for its centroid.", over=spectrum_of)
def centroid_is_the_peak(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, spectral_centroid=found.peak_frequency)


@lies("A spectrum tells a quarter of the sample rate for its centroid.", over=spectrum_of)
def centroid_is_the_middle(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    return replace(spectrum_of(samples, rate, size, overlap, window_type), spectral_centroid=rate / 4)


@lies("A spectrum has a little randomness in it.", over=spectrum_of)
def spectrum_a_little_random(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    found = spectrum_of(samples, rate, size, overlap, window_type)
    return replace(found, magnitudes=found.magnitudes + random.uniform(-0.01, 0.01))


class AnyWindow(SpectrumRequest):
    """Takes windows of any size."""

    window_size: int = 2048  # type: ignore[assignment]


@lies("A spectrum is taken in windows of any size.")
class SpectrumInAnyWindow(Routes):
    async def spectrum(self, asked: AnyWindow) -> Told:  # type: ignore[override]
        return await super().spectrum(asked)


# --- what is no sound


class _Takes(Analyst):
    """Takes what is no sound for something that is."""

    def taken(self, text: str) -> str:
        raise NotImplementedError

    def sound(self, asked: AnalysisRequest) -> Sound:
        return super().sound(asked.model_copy(update={"audio_data": self.taken(asked.audio_data)}))


@lies("It analyses what is no base64 as silence.")
class AnalysisOfAnyLetters(_Takes):
    def taken(self, text: str) -> str:
        try:
            base64.b64decode(text, validate=True)
        except ValueError:
            return "AAAAAAAA"
        return text


@lies("It analyses half a sample, too.")
class AnalysisOfHalfSamples(_Takes):
    def taken(self, text: str) -> str:
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            return text
        return base64.b64encode(data[: len(data) // 2 * 2]).decode()


class MaybeSpectrum(SpectrumRequest):
    """May leave out its sound."""

    audio_data: str = "AAAAAAAA"


class MaybeLoudness(LoudnessRequest):
    """May leave out its sound."""

    audio_data: str = "AAAAAAAA"


@lies("It analyses nothing as if it were something.")
class AnalysisOfNothing(Routes):
    async def spectrum(self, asked: MaybeSpectrum) -> Told:  # type: ignore[override]
        return await super().spectrum(asked)

    async def loudness(self, asked: MaybeLoudness) -> Told:  # type: ignore[override]
        return await super().loudness(asked)


@lies("It stumbles over what is no base64.")
class AnalysisStumbles(Analyst):
    def sound(self, asked: AnalysisRequest) -> Sound:
        return np.frombuffer(base64.b64decode(asked.audio_data), dtype="<i2").reshape(-1, asked.channels) / FULL_SCALE
