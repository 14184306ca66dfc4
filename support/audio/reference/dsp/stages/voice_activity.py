"""Tells speech from silence and steady noise. The sound is left alone."""

from collections import deque

import numpy as np

from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

MEMORY = 2.0
"""Seconds in which a voice pauses, or at least draws breath between two syllables: the quietest moment of them is the noise."""
FAINTEST = -60.0
"""dBFS below which nothing is speech."""
MARGINS = (5.0, 6.5, 8.0, 10.0)
"""dB that speech stands above the noise, by aggressiveness."""
QUIETEST = 1e-12


class VoiceActivity(Stage):
    """aggressiveness 0 flags most, 3 least. voiced: whether a frame that ended in the last chunk was speech; where none ended,
    whether the last one was."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._rest = np.zeros(0)
        self._levels: deque[float] = deque()
        self.voiced = False
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self._margin = MARGINS[parameters["aggressiveness"]]
        self._frame = round(parameters["frame_duration"] / 1000 * self.rate)
        self._levels = deque(self._levels, maxlen=round(MEMORY * 1000 / parameters["frame_duration"]))

    def process(self, samples: Samples) -> Samples:
        whole = np.concatenate([self._rest, samples])
        count = len(whole) // self._frame
        frames = whole[: count * self._frame].reshape(count, self._frame)
        self._rest = whole[count * self._frame :]
        levels = 10 * np.log10(np.mean(frames**2, axis=1) + QUIETEST)
        flags = [self.is_voice(level) for level in levels.tolist()]
        if flags:
            self.voiced = any(flags)
        return samples

    def is_voice(self, level: float) -> bool:
        """Whether a frame of this level (dBFS, RMS) is speech."""
        self._levels.append(level)
        return level > FAINTEST and level > min(self._levels) + self._margin
