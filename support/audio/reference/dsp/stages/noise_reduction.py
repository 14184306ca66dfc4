"""Lowers steady noise: a Wiener filter in short-time spectra, with the noise taken from the quietest moments.

The noise of each frequency is the least smoothed power of the last seconds (R. Martin, Noise power spectral density estimation
based on optimal smoothing and minimum statistics, IEEE Trans. SAP 9, 2001, without its optimal smoothing), then the median over
its neighbours: a steady tone has nobody beside it, and stays.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import lfilter

from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

FRAME = 0.032
"""Seconds of a frame, and the delay; frames overlap by half."""
MEMORY = 96
"""Frames among which the least is looked for: 1.5 s."""
WARM = 16
"""Frames after which the smoothed power has come up: 0.25 s."""
EVERY = 8
"""Frames from one look for the noise to the next."""
SMOOTH = 0.9
"""Part of the power of the frame before that goes into the one that the least is taken of."""
BIAS = 1.9
"""By which the least lies below the mean: measured with white noise."""
NEIGHBOURS = 20
"""Frequencies on either side for the median."""
OVER = 2.0
"""How many times the noise is taken away."""
BRIEF = 0.25
"""Part of the power of a single frame that counts at once, so that a voice is not late."""
DEEPEST = 20.0
"""dB that noise is lowered by at strength 1."""
Spectra = NDArray[np.float64]


class NoiseReduction(Stage):
    """strength 0..1; smoothing 0..1 is how slowly a gain follows."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._hop = round(FRAME * rate / 2)
        self.latency = 2 * self._hop
        self._window = np.sin(np.pi * (np.arange(self.latency) + 0.5) / self.latency)
        self._given = np.zeros(self.latency)
        """The last samples that came: one frame, and what the next one has of it already."""
        self._fresh = 0
        """How many of them are in no frame yet."""
        self._ready = np.zeros(self._hop)
        """Samples that may go out, in order."""
        self._half = np.zeros(self._hop)
        """The second half of the last frame, which the next one adds to."""
        bins = self._hop + 1
        self._noise_memory = np.zeros((1, bins))
        self._power_memory = np.zeros((1, bins))
        self._least = np.zeros((MEMORY, bins))
        """The smoothed powers of the last frames, round and round."""
        self._noise = np.zeros(bins)
        self._frames = 0
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.strength = parameters["strength"]
        self._floor = 10 ** (-DEEPEST * self.strength / 20)
        self._pole = 0.5 + 0.45 * parameters["smoothing"]

    def process(self, samples: Samples) -> Samples:
        whole = np.concatenate([self._given, samples])
        waiting = self._fresh + len(samples)
        count = waiting // self._hop
        self._fresh = waiting - count * self._hop
        self._given = whole[len(samples) :]
        if count:
            end = len(whole) - self._fresh
            begin = end - (count + 1) * self._hop
            frames = sliding_window_view(whole[begin:end], self.latency)[:: self._hop]
            self._ready = np.concatenate([self._ready, self.reduced(frames)])
        out, self._ready = self._ready[: len(samples)], self._ready[len(samples) :]
        return out

    def reduced(self, frames: Samples) -> Samples:
        """The samples that these frames complete. Without strength they are as they came."""
        if self.strength:
            spectra = np.fft.rfft(frames * self._window, axis=1)
            spectra *= self.gains(np.abs(spectra) ** 2)
            shaped = np.fft.irfft(spectra, self.latency, axis=1) * self._window
        else:
            shaped = frames * self._window**2
        first, second = shaped[:, : self._hop], shaped[:, self._hop :]
        done = first + np.concatenate([self._half[None], second[:-1]])
        self._half = second[-1]
        return np.asarray(done.ravel())

    def gains(self, powers: Spectra) -> Spectra:
        """A factor for each frequency of each frame."""
        smooth, self._noise_memory = lfilter([1 - SMOOTH], [1, -SMOOTH], powers, axis=0, zi=self._noise_memory)
        slow, self._power_memory = lfilter([1 - self._pole], [1, -self._pole], powers, axis=0, zi=self._power_memory)
        noise = np.stack([self.noise(frame) for frame in smooth])
        heard = np.maximum(slow, BRIEF * powers)
        kept = 1 - OVER * noise / np.maximum(heard, 1e-20)
        return np.asarray(np.clip(kept, self._floor, 1.0))

    def noise(self, smooth: Samples) -> Samples:
        """The noise as it is known after one more frame: nothing, before its smoothed power has come up."""
        self._frames += 1
        known = self._frames - WARM
        if known > 0:
            self._least[(known - 1) % MEMORY] = smooth
            if self._frames % EVERY == 0:
                self._noise = BIAS * median_of_neighbours(np.min(self._least[:known], axis=0))
        return self._noise


def median_of_neighbours(values: Samples) -> Samples:
    """The middle one of each value and NEIGHBOURS on either side; at the ends they are mirrored."""
    padded = np.concatenate([values[NEIGHBOURS:0:-1], values, values[-2 : -NEIGHBOURS - 2 : -1]])
    return np.asarray(np.partition(sliding_window_view(padded, 2 * NEIGHBOURS + 1), NEIGHBOURS, axis=1)[:, NEIGHBOURS])
