"""What numpy cannot do by itself, from scipy's compiled modules: recursive filters, and the extremes of moving windows.

`import scipy.signal` loads most of scipy, which takes longer than everything else of the program's start together, and its
functions look at their arguments for twice as long as a filter takes for a tenth of a second. So the compiled modules are
loaded by themselves. A scipy that keeps them elsewhere is asked by its front door.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Samples = NDArray[np.float64]

REFLECT = 2
"""scipy.ndimage's number for its usual edges. What is near them is not looked at here."""


def compiled(package: str, name: str) -> ModuleType:
    """The compiled module `name` of scipy's `package`, without the package. ImportError if it is not where it was."""
    full_name = f"scipy.{package}.{name}"
    if full_name in sys.modules:
        return sys.modules[full_name]
    folder = Path(scipy.__file__).parent / package
    found = FileFinder(str(folder), (ExtensionFileLoader, EXTENSION_SUFFIXES)).find_spec(name)
    if found is None or found.origin is None:
        raise ImportError(f"scipy has no {full_name}")
    found.name = full_name
    found.loader = ExtensionFileLoader(full_name, found.origin)
    module = module_from_spec(found)
    sys.modules[full_name] = module
    found.loader.exec_module(module)
    return module


class Compiled(NamedTuple):
    """scipy's compiled functions. Their signatures are its own business."""

    sections: Any
    recursion: Any
    extreme: Any


def load() -> Compiled | None:
    """Them, or None if this scipy keeps them elsewhere."""
    try:
        return Compiled(
            compiled("signal", "_sosfilt")._sosfilt,
            compiled("signal", "_sigtools")._linear_filter,
            compiled("ndimage", "_nd_image").min_or_max_filter1d,
        )
    except (ImportError, AttributeError):
        return None


COMPILED = load()


def through_sections(sections: Samples, samples: Samples, memory: Samples) -> tuple[Samples, Samples]:
    """`samples` (length,) through second-order `sections` (n, 6) with their `memory` (n, 2): what comes out, and the memory
    then."""
    if COMPILED is None:
        from scipy.signal import sosfilt

        filtered, left = sosfilt(sections, samples, zi=memory)
        return filtered, left
    # Both are worked on in place.
    filtered, left = np.array(samples, dtype=np.float64, order="C")[None], np.array(memory, dtype=np.float64, order="C")[None]
    COMPILED.sections(sections, filtered, left)
    return filtered[0], left[0]


def through_recursion(b: Sequence[float], a: Sequence[float], samples: Samples, memory: Samples) -> tuple[Samples, Samples]:
    """`samples` along their first axis through the filter b / a with its `memory`: what comes out, and the memory then."""
    if COMPILED is None:
        from scipy.signal import lfilter

        filtered, left = lfilter(b, a, samples, axis=0, zi=memory)
    else:
        filtered, left = COMPILED.recursion(np.array(b), np.array(a), samples, 0, memory)
    return filtered, left


def moving_extreme(samples: Samples, length: int, least: bool = False) -> Samples:
    """The greatest or least of the `length` samples around each, `length // 2` of them before it."""
    if COMPILED is None:
        from scipy.ndimage import maximum_filter1d, minimum_filter1d

        return np.asarray((minimum_filter1d if least else maximum_filter1d)(samples, length))
    out = np.empty_like(samples)
    COMPILED.extreme(samples, length, 0, out, REFLECT, 0.0, 0, int(least))
    return out
