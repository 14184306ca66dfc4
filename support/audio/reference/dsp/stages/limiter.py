"""Lets no true peak over a threshold: looks between the samples, and ahead.

Peaks are looked for on eight times as many samples (ITU-R BS.1770-4, annex 2, asks for four at least: noise has peaks that lie
0.6 dB higher between those). First there are twice as many, by a steep filter, and of those four times as many, by a short one.
What a peak needs is held over the time of looking ahead and averaged over the same time, so that the gain is down when the peak
comes and has no corner. Without a peak it is exactly 1.
"""

import numpy as np

from support.audio.reference.dsp.history import Delay, Falling, Recent, greatest, mean
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

TAPS, FINE_TAPS = 32, 10
"""Of the samples that a value between two is made of: the steep filter's, the short one's."""
BETA = 4.0
"""Of the Kaiser windows: a value that is looked at is wrong by 0.05 dB at most, up to 0.45 of the sample rate."""
LONGEST = 0.01
"""Seconds of looking ahead at most: the delay, whatever is asked for, so that it does not jump."""
AROUND = 8
"""Samples on either side of a peak that are lowered as much: what lies between two samples is made of these most of all."""
MARGIN = 0.1
"""dB by which a peak between those that are looked at may be higher, and a falling gain may be late."""
RECOVERED = 8.7
"""dB that are let go in the release time, one neper."""
QUIETEST = 1e-8


def between(phases: int, taps: int) -> Samples:
    """Filters, (phases - 1, taps), that give the sound at the places between two samples; turned round, as convolving asks."""
    place = np.arange(taps) - (taps // 2 - 1)
    shifts = np.arange(1, phases)[:, None] / phases
    window = np.i0(BETA * np.sqrt(np.maximum(0, 1 - ((place - shifts) / (taps / 2)) ** 2))) / np.i0(BETA)
    filters: Samples = np.sinc(place - shifts) * window
    return np.asarray(filters / filters.sum(axis=1, keepdims=True))[:, ::-1]


HALFWAY = between(2, TAPS)[0]
QUARTERS = between(4, FINE_TAPS)


class Limiter(Stage):
    """threshold in dBTP."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._longest = max(2, round(LONGEST * rate))
        self.latency = self._longest - 1 + AROUND + TAPS // 2 + (FINE_TAPS + 2) // 4
        self._recent = Recent(TAPS - 1)
        self._twice = Recent(FINE_TAPS)
        self._sound = Delay(self.latency)
        self._held = Falling(0.0, 0.0)
        self._ahead = 0
        self._needed = np.zeros(2 * (self._longest + AROUND - 1))
        """dB that the last samples were too loud by: as far back as a change of looking ahead needs them."""
        self._lowered = np.zeros(self._longest - 1)
        """dB by which the last samples had to be lower, before averaging."""
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.threshold = parameters["threshold"] - MARGIN
        self._held.step = RECOVERED / (parameters["release"] / 1000 * self.rate)
        ahead = min(self._longest, max(2, round(parameters["lookahead"] / 1000 * self.rate)))
        if ahead != self._ahead:
            self._ahead = ahead
            self._lowered = np.maximum(self._lowered, self.most(self._needed))

    def process(self, samples: Samples) -> Samples:
        count = len(samples)
        needed = np.maximum(0.0, 20 * np.log10(np.maximum(self.peaks(samples), QUIETEST)) - self.threshold)
        whole = np.concatenate([self._needed, needed])
        self._needed = whole[count:].copy()
        lowered = np.concatenate([self._lowered, self._held(self.most(whole[self._longest - 1 :]))])
        self._lowered = lowered[count:].copy()
        reduction = mean(lowered[self._longest - self._ahead :], self._ahead)
        return np.asarray(self._sound(samples) * 10 ** (-np.maximum(reduction, 0.0) / 20))

    def most(self, needed: Samples) -> Samples:
        """The most that is needed in the time of looking ahead and AROUND it, for each sample that is about to go out."""
        later = self._longest - self._ahead
        return greatest(needed[: len(needed) - later], self._ahead + 2 * AROUND)

    def peaks(self, samples: Samples) -> Samples:
        """The highest of each sample and the seven values after it, as late as their filters are."""
        whole = self._recent(samples)
        twice = np.empty(2 * len(samples))
        twice[0::2] = whole[TAPS // 2 - 1 : TAPS // 2 - 1 + len(samples)]
        twice[1::2] = np.convolve(whole, HALFWAY, "valid")
        around = self._twice(twice)[:-1]
        highest = np.abs(around[FINE_TAPS // 2 - 1 : FINE_TAPS // 2 - 1 + len(twice)])
        for quarter in QUARTERS:
            np.maximum(highest, np.abs(np.convolve(around, quarter, "valid")), out=highest)
        return np.maximum(highest[0::2], highest[1::2])
