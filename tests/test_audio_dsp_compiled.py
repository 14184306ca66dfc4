"""scipy's compiled functions, taken directly: the same numbers as by its front door, and nothing else loaded."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import lfilter, sosfilt

from support.audio.reference.dsp import compiled as module
from support.audio.reference.dsp.compiled import COMPILED, compiled, moving_extreme, through_recursion, through_sections

CHANCE = np.random.default_rng(5)
SOUND = CHANCE.standard_normal(1600)
SECTIONS = np.array([[1, 0.1, 0.2, 1, -0.5, 0.2], [0.5, 0, 0.1, 1, 0.3, 0.1]])


@pytest.fixture(params=["compiled", "front door"], autouse=True)
def way(request, monkeypatch):
    """Both ways; a scipy of another make has only one."""
    if request.param == "front door":
        monkeypatch.setattr(module, "COMPILED", None)


def test_this_scipy_has_them():
    assert COMPILED is not None
    with pytest.raises(ImportError, match=r"scipy has no scipy\.signal\._nothing"):
        compiled("signal", "_nothing")


@pytest.mark.parametrize(
    "samples", [SOUND, SOUND[:1], SOUND[::2], SOUND.astype(np.float32)], ids=["all", "one", "every other", "short"]
)
def test_sections(samples):
    memory = np.array([[0.1, 0.2], [0.3, -0.4]])
    before = samples.copy()
    filtered, left = through_sections(SECTIONS, samples, memory)
    expected, expected_left = sosfilt(SECTIONS, samples.astype(float), zi=memory)
    assert np.array_equal(filtered, expected)
    assert np.array_equal(left, expected_left)
    assert np.array_equal(samples, before)
    assert memory.tolist() == [[0.1, 0.2], [0.3, -0.4]]


@pytest.mark.parametrize(("samples", "memory"), [(SOUND, np.array([0.5])), (SOUND.reshape(100, 16), np.full((1, 16), 0.5))])
def test_recursion(samples, memory):
    filtered, left = through_recursion([0.1], [1, -0.9], samples, memory)
    expected, expected_left = lfilter([0.1], [1, -0.9], samples, axis=0, zi=memory)
    assert np.array_equal(filtered, expected)
    assert np.array_equal(left, expected_left)


@pytest.mark.parametrize("length", [1, 2, 7, 80, 1600])
def test_extremes(length):
    assert np.array_equal(moving_extreme(SOUND, length), maximum_filter1d(SOUND, length))
    assert np.array_equal(moving_extreme(SOUND, length, least=True), minimum_filter1d(SOUND, length))


def test_nothing_else_is_loaded_and_the_rest_can_be_later():
    program = (
        "import sys, support.audio.reference.engine; assert not {'scipy.signal', 'scipy.ndimage'} & set(sys.modules);"
        "import scipy.signal, scipy.ndimage; assert scipy.signal.sosfilt([[1, 0, 0, 1, 0, 0]], [1.0, 2.0]).tolist() == [1, 2];"
        "assert scipy.ndimage.maximum_filter1d([1, 3, 2], 3).tolist() == [3, 3, 3]"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
