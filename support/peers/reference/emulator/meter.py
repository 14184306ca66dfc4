"""The meter of a charging session."""

SECONDS_PER_HOUR = 3600


class Meter:
    """Energy and time of a session. Nothing here reads a clock: whoever knows how long it was says so."""

    def __init__(self) -> None:
        self.watt_seconds = 0.0
        self.seconds = 0.0
        """Of charging."""

    def add(self, watts: float, seconds: float) -> None:
        """It charged with `watts` for `seconds`."""
        self.watt_seconds += watts * seconds
        self.seconds += seconds

    @property
    def watt_hours(self) -> float:
        """The same energy."""
        return self.watt_seconds / SECONDS_PER_HOUR
