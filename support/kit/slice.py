"""What the runner (`support.run`) and a slice (`support.<slice>`) expect of each other.

The runner finds a slice by its name and never imports it statically. A slice offers two modules:
`support.<slice>.target` (an `OffersTarget`) and `support.<slice>.world` (an `OffersWorld`).
"""

from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel

from support.kit.evidence import Evidence
from support.kit.latency import Samples
from support.kit.profile import SectionType


class Target(Protocol):
    """The system under test: which one it is and what it can be asked."""

    @property
    def name(self) -> str:
        """As reports show it, e.g. "toggle reference"."""

    @property
    def version(self) -> str: ...

    def missing(self, need: str) -> str | None:
        """Why a scenario tagged @needs.<need> cannot run on this target; None if it can.

        LookupError for a need that this slice does not know.
        """


class World(Protocol):
    """Everything that one scenario started and remembers."""

    def audit(self) -> None:
        """After each scenario: raises if, for example, the target died."""

    def close(self) -> None:
        """End everything of this scenario, last in first out; raises what went wrong."""


@dataclass(frozen=True)
class RunSettings:
    """What the command line of a run decides.

    patience: factor for start-up times, never for a promise. strict: a missing need fails instead of skipping.
    timing_strict: a missed bound of a performance scenario fails instead of warning. step_limit: seconds that
    one step may take. ValueError for a patience or a limit that is not above 0.
    """

    patience: float = 1.0
    strict: bool = False
    timing_strict: bool = False
    step_limit: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool) and not (isfinite(value) and value > 0):
                raise ValueError(f"{field.name} must be a number above 0, not {value!r}")


class OffersTarget(Protocol):
    """The module `support.<slice>.target`."""

    SECTION: SectionType

    def open_target(self, section: BaseModel | None, profile: Path) -> Target:
        """The target of a run. `section` is a validated SECTION, None where the profile says nothing."""


class OffersWorld(Protocol):
    """The module `support.<slice>.world`."""

    def open_world(self, target: Target, settings: RunSettings, evidence: Evidence, latency: Samples) -> World:
        """A fresh world for one scenario."""
