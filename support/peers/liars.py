"""Variants of the reference node and board that each break exactly one promise: what the suite must find.

`python -m support.peers.liars NAME <arguments of the reference>`; `--list` names them all. Each is a few lines laid over the
reference, which knows nothing of them.
"""

import sys
from collections.abc import Sequence

from support.kit.liar import run_liar
from support.peers import lying_board, lying_charger, lying_discovery, lying_group, lying_members, lying_plan
from support.peers.lie import LIARS, Liar

__all__ = ["LIARS", "Liar", "main"]

BY_SUBJECT = (lying_board, lying_charger, lying_discovery, lying_group, lying_plan, lying_members)
"""Where they are."""


def main(argv: Sequence[str]) -> int:
    """Run the liar named first with the rest of `argv`; the exit code."""
    return run_liar(LIARS, argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
