"""Flags of voice against when there is one."""

import numpy as np
import pytest

from support.audio.flags import Burst, Flag, bursts_in, require_each_flagged, require_none_flagged, require_pauses_free
from support.audio.signals import speech_like, white_noise
from support.kit.errors import PromiseBrokenError, VoidError

RATE = 16000
QUIET = np.zeros(RATE)


def voice(seconds=0.5):
    return speech_like(-20.0, seconds, RATE, 1)


def flags(*spans, until=4.5):
    """One for each 0.1 s; on where it touches a span."""
    begins = [round(0.1 * index, 1) for index in range(round(until / 0.1))]
    return [Flag(at, at + 0.1, any(begin < at + 0.1 and at < end for begin, end in spans)) for at in begins]


def test_bursts_are_found_by_their_level():
    faint = white_noise(-60.0, 4.5, RATE, 2)
    played = np.concatenate([voice(), QUIET, voice(), QUIET, voice(), QUIET]) + faint
    found = bursts_in(played, RATE)
    assert [(round(one.begin, 1), round(one.end, 1)) for one in found] == [(0.0, 0.5), (1.5, 2.0), (3.0, 3.5)]
    assert bursts_in(faint, RATE) == []


BURSTS = [Burst(0.0, 0.5), Burst(1.5, 2.0), Burst(3.0, 3.5)]


def test_every_burst_is_flagged():
    require_each_flagged(BURSTS, flags((0.2, 0.4), (1.9, 2.1), (3.65, 3.7)), 0.0)
    require_each_flagged(BURSTS, flags((1.9, 2.1), (3.65, 3.7)), 1.0)
    for missing in (flags((1.9, 2.1)), flags((1.9, 2.1), (3.8, 4.0)), flags()):
        with pytest.raises(PromiseBrokenError, match="the burst from"):
            require_each_flagged(BURSTS, missing, 1.0)
    with pytest.raises(VoidError):
        require_each_flagged(BURSTS, flags((0.0, 4.5)), 2.0)


def test_pauses_end_without_a_voice():
    require_pauses_free(BURSTS, flags((0.0, 1.0), (1.5, 2.5)), 0.0)
    for never_over in (flags((0.0, 4.5)), flags((1.25, 1.3)), flags((2.6, 2.7))):
        with pytest.raises(PromiseBrokenError, match="where a pause ends"):
            require_pauses_free(BURSTS, never_over, 0.0)
    require_pauses_free(BURSTS, flags((1.25, 1.3)), 1.0)
    with pytest.raises(VoidError):
        require_pauses_free(BURSTS, flags(), 2.0)


def test_nothing_is_flagged():
    require_none_flagged(flags((0.0, 2.0)), 2.0)
    with pytest.raises(PromiseBrokenError, match=r"1 of 25 chunks are, the first at 3\.00 s"):
        require_none_flagged(flags((3.0, 3.1)), 2.0)
    with pytest.raises(VoidError):
        require_none_flagged(flags(), 4.5)
