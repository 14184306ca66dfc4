"""What every stage is, and how it takes other parameters while sound passes."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
Parameters = Mapping[str, Any]

RAMP = 0.02
"""Seconds in which new parameters take over: too long for a click, too short to wait for."""


class Stage:
    """One stage of one channel at `rate` Hz, with its memory. Samples have full scale 1.0.

    latency: samples by which what comes out is late; the same whatever the parameters are.
    """

    latency = 0

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self.rate = rate
        self.set(parameters)

    def set(self, parameters: Parameters) -> None:
        """Take these parameters, all that there are, and keep what is remembered of the sound."""
        raise NotImplementedError

    def process(self, samples: Samples) -> Samples:
        """As many samples as were given."""
        raise NotImplementedError


class Live:
    """A stage whose parameters change without a click: for a moment both the stage as it was and as it is are heard.

    What changes before that moment is over waits for its end. What changes before the first sample of it replaces it.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._before: Stage | None = None
        self._waiting: Parameters | None = None
        self._faded = 0
        self._ramp = max(1, round(RAMP * stage.rate))

    def update(self, parameters: Parameters) -> None:
        """From the next sample on."""
        if self._before is None:
            self._change(parameters)
        elif self._faded == 0:
            self.stage.set(parameters)
        else:
            self._waiting = parameters

    def process(self, samples: Samples) -> Samples:
        """As many samples as were given."""
        done: list[Samples] = []
        while self._before is not None and len(samples):
            count = min(len(samples), self._ramp - self._faded)
            done.append(self._mixed(self._before, samples[:count]))
            samples = samples[count:]
            if self._faded == self._ramp:
                self._before = None
                self._go_on()
        if len(samples):
            done.append(self.stage.process(samples))
        return done[0] if len(done) == 1 else np.concatenate(done)

    def _change(self, parameters: Parameters) -> None:
        changed = copy.deepcopy(self.stage)
        changed.set(parameters)
        self._before, self.stage, self._faded = self.stage, changed, 0

    def _go_on(self) -> None:
        if self._waiting is not None:
            self._change(self._waiting)
            self._waiting = None

    def _mixed(self, before: Stage, samples: Samples) -> Samples:
        part = (np.arange(1, len(samples) + 1) + self._faded) / self._ramp
        weight = 0.5 - 0.5 * np.cos(np.pi * part)
        self._faded += len(samples)
        old = before.process(samples)
        return np.asarray(old + weight * (self.stage.process(samples) - old))
