"""What can be set about a hub: time limits and the waits between attempts. All in seconds."""

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class HubSettings:
    """Time limits and back-off of a hub, in seconds.

    `connect_timeout` covers looking up the host and connecting; `io_timeout` covers sending the frame, and then once
    more the whole wait for the reply. TypeError or ValueError for a value that is no such time.
    """

    connect_timeout: float = 1.0
    io_timeout: float = 1.5
    backoff_base: float = 0.25
    backoff_cap: float = 5.0
    jitter: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"{field.name} is a number of seconds, not {value!r}")
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{field.name} is a finite number of seconds, at least 0, not {value}")
        if not self.connect_timeout or not self.io_timeout:
            raise ValueError("connect_timeout and io_timeout are longer than 0 s")
