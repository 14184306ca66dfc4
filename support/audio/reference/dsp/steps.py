"""Gains that change in steps of a block, and go in a line from one to the next: what an automatic control turns.

Blocks lie at fixed places of the sound, however it was cut. The gain that a block ends with follows from the blocks before it,
so nothing has to be waited for.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


class BlockGain:
    """`length`: samples of a block. `turn` is told the sum of squares of each block, once it is whole, and gives the gain in dB
    that the block after the next one begins with."""

    def __init__(self, length: int, begin: float = 0.0) -> None:
        self.length = length
        self._at = 0
        self._power = 0.0
        self._from = self._to = begin

    def gains(self, samples: Samples, measured: Samples, turn: Callable[[float], float]) -> Samples:
        """The gain of each sample in dB. `measured`: what the squares are taken of."""
        gains = np.empty(len(samples))
        for begin, end in self._blocks(len(samples)):
            place = np.arange(self._at + 1, self._at + 1 + end - begin) / self.length
            gains[begin:end] = self._from + (self._to - self._from) * place
            self._power += float(np.sum(np.square(measured[begin:end])))
            self._at += end - begin
            if self._at == self.length:
                self._from, self._to = self._to, turn(self._power / self.length)
                self._at, self._power = 0, 0.0
        return gains

    def _blocks(self, count: int) -> Iterator[tuple[int, int]]:
        begin = 0
        while begin < count:
            end = min(count, begin + self.length - self._at)
            yield begin, end
            begin = end
