"""Rate limits: token buckets per session, per client address, and for all together."""

from collections.abc import Callable

from support.gateway.reference.settings import Rate, Settings


class Bucket:
    """A token bucket, full at first. Times are monotonic seconds."""

    __slots__ = ("at", "rate", "tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self.tokens: float = rate.burst
        self.at = now

    def refill(self, now: float) -> None:
        """Add what has come in since the last time."""
        if now > self.at:
            self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
            self.at = now

    def wait(self) -> float:
        """Seconds until there is a token; 0 if there is one now."""
        # A refill for exactly the time that a caller was told to wait may fall short of 1 by rounding.
        return 0.0 if self.tokens >= 1 - 1e-9 else (1 - self.tokens) / self.rate.per_second

    def take(self) -> None:
        """Take one token."""
        self.tokens = max(0.0, self.tokens - 1)

    def full(self) -> bool:
        """Whether it is as good as a new one."""
        return self.tokens >= self.rate.burst


class RateLimits:
    """The buckets of a gateway. A full bucket is forgotten now and then, which nobody can tell."""

    bucket_class = Bucket

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.clock = clock
        rates = (settings.rate_session, settings.rate_address, settings.rate_global)
        self._rates = rates
        self._buckets: tuple[dict[str, Bucket], ...] = tuple({} for _ in rates)
        self.off = not any(rates)

    def admit(self, session: str, address: str) -> float:
        """Take a token from each bucket and return 0; or take none and return the seconds until all have one."""
        if self.off:
            return 0.0
        now = self.clock()
        buckets = [
            self.bucket(kind, name, rate, now)
            for kind, name, rate in zip(self._buckets, (session, address, ""), self._rates, strict=True)
            if rate is not None
        ]
        wait = max(bucket.wait() for bucket in buckets)
        if not wait:
            for bucket in buckets:
                bucket.take()
        return wait

    def bucket(self, kind: dict[str, Bucket], name: str, rate: Rate, now: float) -> Bucket:
        """The bucket of this name, with what has come in until now."""
        bucket = kind.get(name)
        if bucket is None:
            bucket = kind[name] = self.make_bucket(rate, now)
        bucket.refill(now)
        return bucket

    def make_bucket(self, rate: Rate, now: float) -> Bucket:
        """A full bucket."""
        return self.bucket_class(rate, now)

    def sweep(self) -> None:
        """Forget full buckets."""
        now = self.clock()
        for kind in self._buckets:
            for bucket in kind.values():
                bucket.refill(now)
            for name in [name for name, bucket in kind.items() if bucket.full()]:
                del kind[name]
