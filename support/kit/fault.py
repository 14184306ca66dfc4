"""What a link can do to those who use it."""

from dataclasses import dataclass, fields, replace
from math import isfinite


@dataclass(frozen=True)
class Fault:
    """Everything that is wrong with a link at once. ValueError for a value that makes no sense.

    latency             seconds that every chunk is held back, each way
    jitter              seconds, uniform from 0, drawn for each chunk on top; the order is kept
    bandwidth           bytes per second, each way
    slice               forward at most n bytes per write
    cut_up_after        close both sides once n bytes went client -> server; 0: once the server is reached
    cut_down_after      the same for server -> client
    reset_on_accept     the client is reset at once, the server never hears of it
    reset_up_after      reset both sides once n bytes went client -> server
    black_hole          take everything, forward nothing, close nothing
    corrupt_up_at       flip bit 0 of the n-th byte from the client, counted from 1
    corrupt_down_at     flip bit 0 of the n-th byte from the server, counted from 1
    refuse              nobody listens
    """

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: int | None = None
    slice: int | None = None
    cut_up_after: int | None = None
    cut_down_after: int | None = None
    reset_on_accept: bool = False
    reset_up_after: int | None = None
    black_hole: bool = False
    corrupt_up_at: int | None = None
    corrupt_down_at: int | None = None
    refuse: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= least):
                raise ValueError(f"{name} must be {least} or more, not {value!r}")

    def parts(self) -> frozenset[str]:
        """The names of what is wrong."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def with_line_of(self, other: "Fault") -> "Fault":
        """This fault, but with the values of `other` for what can change under a running connection."""
        return replace(
            self,
            latency=other.latency,
            jitter=other.jitter,
            bandwidth=other.bandwidth,
            black_hole=other.black_hole,
        )

    def __str__(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in sorted(self.parts())) or "pass"


_LEAST = {
    "latency": 0,
    "jitter": 0,
    "bandwidth": 1,
    "slice": 1,
    "cut_up_after": 0,
    "cut_down_after": 0,
    "reset_up_after": 0,
    "corrupt_up_at": 1,
    "corrupt_down_at": 1,
}

PASS = Fault()
"""Nothing is wrong."""
