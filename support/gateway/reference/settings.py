"""What can be set about a gateway. The defaults are those of the contract."""

from dataclasses import dataclass

from support.gateway.protocol import MAX_FRAME


@dataclass(frozen=True)
class Rate:
    """A token bucket: `burst` requests at once, refilled with `per_second`. Both are greater than 0."""

    burst: int
    per_second: float

    def __str__(self) -> str:
        return f"{self.burst}/{self.per_second:g}"


@dataclass(frozen=True)
class ProviderAddress:
    """Where the provider of this name listens."""

    name: str
    host: str
    port: int


@dataclass(frozen=True)
class Settings:
    """Times are in seconds, sizes in bytes. A rate that is None does not limit; a metrics port of None is no endpoint."""

    host: str = "127.0.0.1"
    port: int = 8079
    metrics_port: int | None = 9464
    token_file: str | None = None
    providers: tuple[ProviderAddress, ...] = ()
    provider_timeout: float = 2.0
    breaker_failures: int = 5
    breaker_recovery: float = 60.0
    breaker_successes: int = 2
    breaker_probes: int = 3
    hello_timeout: float = 15.0
    max_connections: int = 1000
    max_connections_per_address: int = 10
    max_frame: int = MAX_FRAME
    max_inflight: int = 24
    max_inflight_session: int = 8
    rate_session: Rate | None = Rate(50, 5)
    rate_address: Rate | None = Rate(100, 10)
    rate_global: Rate | None = Rate(1000, 100)
    repeat_ttl: float = 300.0
    shutdown_grace: float = 5.0
    log_level: str = "info"
