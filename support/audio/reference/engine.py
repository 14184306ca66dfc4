"""Where the server meets the processing. Loads what sound is processed with, which takes long: imported when it is needed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from support.audio.reference.configuration import StageSettings
from support.audio.reference.dsp.chain import Chain, Processed, Quality, StagePlan

Samples = NDArray[np.int16]

__all__ = ["Chain", "Processed", "Quality", "Samples", "make_chain", "samples_of"]


def make_chain(stages: Sequence[StageSettings], rate: int) -> Chain:
    """A chain of `stages` for one channel at `rate` samples per second."""
    plans = [StagePlan(each.name, each.enabled, each.gain_in, each.gain_out, each.parameters) for each in stages]
    return Chain(plans, rate)


def samples_of(pcm: bytes) -> Samples:
    """Little-endian PCM as samples."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.int16, copy=False)
