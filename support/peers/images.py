"""Images of the chargers' programs: those that a profile names, or our own, built where they are missing."""

from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.command_line import ROOT
from support.kit.images import build

if TYPE_CHECKING:
    from support.peers.target import ChargersTarget

EMULATOR_NEEDS = ("aiohttp>=3.11,<4",)
NODE_NEEDS = (*EMULATOR_NEEDS, "zeroconf>=0.132,<1")
PARTS = ("__init__.py", "protocol.py", "reference")
"""Of `support/peers`: what the programs import."""


def emulator_image(target: "ChargersTarget") -> str:
    """Of the target's emulator. What `support.kit.images.build` raises."""
    return target.emulator_image or build("emulator", _dockerfile("emulator"), _context(), EMULATOR_NEEDS)


def node_image(target: "ChargersTarget") -> str:
    """Of the target's node."""
    return target.node_image or build("node", _dockerfile("node"), _context(), NODE_NEEDS)


def _dockerfile(program: str) -> Path:
    return ROOT / "support" / "peers" / "reference" / program / "Dockerfile"


def _context() -> dict[str, Path]:
    peers = ROOT / "support" / "peers"
    return {f"support/peers/{part}": peers / part for part in PARTS}
