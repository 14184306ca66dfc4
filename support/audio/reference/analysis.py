"""What is told about a sound: its spectrum and its loudness. Runs on a worker's thread."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from support.audio.protocol import FULL_SCALE, Code, RefusedError, pcm_of
from support.audio.reference.dsp.loudness import analyse as measure_loudness
from support.audio.reference.dsp.spectrum import analyse as measure_spectrum
from support.audio.reference.figures import told
from support.audio.reference.models import AnalysisRequest, LoudnessRequest, SpectrumRequest

Sound = NDArray[np.float64]


class Analyst:
    """Measures what clients send."""

    def spectrum(self, asked: SpectrumRequest) -> dict[str, object]:
        """The spectrum, in the names of the contract. RefusedError."""
        sound = self.sound(asked)
        found = measure_spectrum(sound, asked.sample_rate, asked.window_size, asked.overlap, asked.window_type)
        return {
            "sample_rate": asked.sample_rate,
            "window_size": asked.window_size,
            "peak_frequency": float(found.peak_frequency),
            "spectral_centroid": float(found.spectral_centroid),
            "frequencies": np.asarray(found.frequencies, np.float64).tolist(),
            "magnitudes": np.asarray(found.magnitudes, np.float64).tolist(),
        }

    def loudness(self, asked: LoudnessRequest) -> dict[str, object]:
        """The loudness, in the names of the contract. RefusedError."""
        found: Mapping[str, object] = asdict(measure_loudness(self.sound(asked), asked.sample_rate, asked.target_lufs))
        return {name: told(value) if isinstance(value, float) else value for name, value in found.items()}

    def sound(self, asked: AnalysisRequest) -> Sound:
        """The samples of `asked`: shape (length, channels), full scale 1.0. RefusedError INVALID_AUDIO."""
        samples = np.frombuffer(pcm_of(asked.audio_data), dtype="<i2")
        if not len(samples):
            raise RefusedError(Code.INVALID_AUDIO, "there is no sound in it", "audio_data")
        if len(samples) % asked.channels:
            what = f"{len(samples)} samples are not the same number for each of {asked.channels} channels"
            raise RefusedError(Code.INVALID_AUDIO, what, "audio_data")
        return samples.reshape(-1, asked.channels).astype(np.float64) / FULL_SCALE
