"""Lets no true peak over a threshold: looks between the samples, and ahead.

Peaks are looked for on four times as many samples (ITU-R BS.1770-4, annex 2). What a peak needs is held over the time of
looking ahead and averaged over the same time, so that the gain is down when the peak comes and has no corner. Without a peak
it is exactly 1.
"""

import numpy as np

from support.audio.reference.dsp.history import Delay, Falling, Recent, Running
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

PHASES, TAPS = 4, 32
"""How many samples are looked at for each, and how many each is made of."""
BETA = 7.0
"""Of the Kaiser window: what is left of images is under -70 dB."""
LONGEST = 0.01
"""Seconds of looking ahead at most: the delay, whatever is asked for, so that it does not jump."""
MARGIN = 0.1
"""dB by which a peak between those that are looked at may be higher, and a falling gain may be late."""
RECOVERED = 8.7
"""dB that are let go in the release time, one neper."""
QUIETEST = 1e-8


def between() -> Samples:
    """Filters, (PHASES - 1, TAPS), that give the sound at a quarter, a half and three quarters between two samples."""
    place = np.arange(TAPS) - (TAPS // 2 - 1)
    shifts = np.arange(1, PHASES)[:, None] / PHASES
    window = np.i0(BETA * np.sqrt(np.maximum(0, 1 - ((place - shifts) / (TAPS / 2)) ** 2))) / np.i0(BETA)
    filters: Samples = np.sinc(place - shifts) * window
    return np.asarray(filters / filters.sum(axis=1, keepdims=True))


class Limiter(Stage):
    """threshold in dBTP."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._longest = max(2, round(LONGEST * rate))
        self.latency = self._longest - 1 + TAPS // 2
        self._filters = between()[:, ::-1]
        self._recent = Recent(TAPS - 1)
        self._sound = Delay(self.latency)
        self._held = Falling(0.0, 0.0)
        self._window = 0
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.threshold = parameters["threshold"] - MARGIN
        self._held.step = RECOVERED / (parameters["release"] / 1000 * self.rate)
        window = min(self._longest, max(2, round(parameters["lookahead"] / 1000 * self.rate)))
        if window != self._window:
            self._window = window
            self._later = Delay(self._longest - window)
            self._most = Running(window, 0.0)
            self._mean = Running(window, 0.0)

    def process(self, samples: Samples) -> Samples:
        needed = np.maximum(0.0, 20 * np.log10(np.maximum(self.peaks(samples), QUIETEST)) - self.threshold)
        reduction = self._mean.mean(self._held(self._most.greatest(self._later(needed))))
        return np.asarray(self._sound(samples) * 10 ** (-np.maximum(reduction, 0.0) / 20))

    def peaks(self, samples: Samples) -> Samples:
        """The highest of each sample and the three after it, TAPS / 2 samples late."""
        whole = self._recent(samples)
        highest = np.abs(whole[TAPS // 2 - 1 : TAPS // 2 - 1 + len(samples)])
        for phase in self._filters:
            highest = np.maximum(highest, np.abs(np.convolve(whole, phase, "valid")))
        return np.asarray(highest)
