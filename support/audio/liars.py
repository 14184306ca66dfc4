"""Variants of the reference pipeline that each break exactly one promise: what the suite must find.

`python -m support.audio.liars NAME <arguments of the reference>`; `--list` names them all. Each is a few lines laid over the
reference, which knows nothing of them.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from support.audio.lie import LIARS, Liar
from support.kit.liar import run_liar

__all__ = ["BY_SUBJECT", "LIARS", "Liar", "main"]

BY_SUBJECT = tuple(
    importlib.import_module(f"support.audio.{path.stem}") for path in sorted(Path(__file__).parent.glob("lying_*.py"))
)
"""Where they are: every module of this folder whose name begins so."""


def main(argv: Sequence[str]) -> int:
    """Run the liar named first with the rest of `argv`; the exit code."""
    return run_liar(LIARS, argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
