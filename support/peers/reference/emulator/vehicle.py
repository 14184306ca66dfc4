"""The vehicle at the other end of the cable, as far as a board sees of it."""

from dataclasses import dataclass

TAPER_FROM = 80.0
"""Per cent of charge above which a battery takes less and less."""
FULL = 100.0
"""Per cent of charge at which it takes nothing more."""


@dataclass
class Vehicle:
    """A vehicle. Its state of charge is what it was told to be: it does not rise by itself.

    `requesting` may be set before it is connected (it charges as soon as it is) and lasts until it is disconnected.
    """

    connected: bool = False
    requesting: bool = False
    soc: float = 40.0
    """State of charge in per cent."""
    draw_limit: float = 32.0
    """The most that it draws, in amperes."""

    def disconnect(self) -> None:
        """The plug is pulled, and with it what was asked for."""
        self.connected = self.requesting = False

    @property
    def acceptance(self) -> float:
        """Amperes that it draws where it is offered enough: above `TAPER_FROM` they fall in a straight line to 0 at `FULL`."""
        return self.draw_limit * min(1.0, (FULL - self.soc) / (FULL - TAPER_FROM))
