"""Chains of the reference, and sound through them. For tests of the processing; the suite hears it through its own driver."""

from collections.abc import Iterable, Sequence
from itertools import cycle

import numpy as np

from support.audio import signals
from support.audio.reference.dsp.catalogue import CATALOGUE, checked
from support.audio.reference.dsp.chain import Chain, Quality, StagePlan
from support.audio.signals import Samples

EVERY = tuple(CATALOGUE)


def plan(name: str, enabled: bool = True, gain_in: float = 0.0, gain_out: float = 0.0, **parameters: object) -> StagePlan:
    return StagePlan(name, enabled, gain_in, gain_out, checked(name, parameters))


def chain(*plans: StagePlan | str, rate: int = 16000) -> Chain:
    return Chain([one if isinstance(one, StagePlan) else plan(one) for one in plans], rate)


def pcm(samples: Samples) -> np.ndarray:
    return np.frombuffer(signals.to_pcm16(samples), dtype="<i2").astype(np.int16)


def through(made: Chain, samples: Samples, cuts: Sequence[int] = (1600,)) -> tuple[Samples, Samples, list[Quality]]:
    """What went in, what came out with the delay taken off, and the figures; in chunks of these lengths, over and over."""
    fed = np.concatenate([pcm(samples), np.zeros(made.latency_samples, np.int16)])
    done = [made.process(piece) for piece in pieces(fed, cuts)]
    assert all(len(one.pcm) for one in done)
    heard = np.concatenate([one.pcm for one in done])
    assert len(heard) == len(fed)
    return pcm(samples) / 32768, heard[made.latency_samples :] / 32768, [one.quality for one in done]


def pieces(samples: np.ndarray, cuts: Iterable[int]) -> list[np.ndarray]:
    found, begin = [], 0
    for length in cycle(cuts):
        if begin >= len(samples):
            return found
        found.append(samples[begin : begin + length])
        begin += length
    raise AssertionError("no cuts")


def settled(samples: Samples) -> Samples:
    return samples[2 * len(samples) // 3 :]
