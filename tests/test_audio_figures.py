"""The figures of a chunk, and when one that was told agrees with them."""

import math

import pytest

from support.audio.figures import agrees, measured
from support.audio.signals import silence, sine, square, to_pcm16


def test_the_figures_of_known_chunks():
    tone, wave, none = (measured(to_pcm16(each)) for each in (sine(1000, 0, 0.1), square(500, -20, 0.1), silence(0.1)))
    assert (tone.rms, tone.peak) == (pytest.approx(-3.01, abs=0.01), pytest.approx(0, abs=0.01))
    assert (wave.rms, wave.peak) == (pytest.approx(-20, abs=0.01), pytest.approx(-20, abs=0.01))
    assert (none.rms, none.peak) == (-math.inf, -math.inf)


@pytest.mark.parametrize("pcm", [b"", b"\0", b"\0\0\0"])
def test_what_is_no_chunk_has_no_figures(pcm):
    with pytest.raises(ValueError):
        measured(pcm)


@pytest.mark.parametrize(
    ("told", "right", "so"),
    [
        (-20.0, -20.05, True),
        (-20.0, -20.2, False),
        (-17.0, -20.0, False),
        (-96.0, -math.inf, True),
        (-120.0, -math.inf, True),
        (-math.inf, -math.inf, True),
        (-95.9, -math.inf, False),
        (0.0, -math.inf, False),
        (-96.0, -122.4, True),
        (-96.0, -90.3, False),
        (-120.0, -95.0, False),
        (math.nan, -20.0, False),
        (math.nan, -math.inf, False),
    ],
)
def test_a_figure_agrees_or_not(told, right, so):
    assert agrees(told, right, 0.1) is so
