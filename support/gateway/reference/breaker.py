"""The circuit breaker: stops calls to a provider that keeps failing. A state machine without a clock of its own.

CLOSED lets calls pass. So many failures in a row open it. OPEN refuses calls until the recovery time is over; the next call
makes it HALF_OPEN and passes as a probe. HALF_OPEN admits a few probes at a time: a failure opens it again, enough
successes close it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from support.gateway.protocol import Breaker as State

Clock = Callable[[], float]
OnTransition = Callable[[State, State], None]

SURPLUS_RETRY_S = 1.0
"""Seconds after which a call that found all probes taken may be tried again; the recovery time if that is shorter."""


@dataclass(frozen=True)
class BreakerLimits:
    """`failures` in a row open a breaker for `recovery` seconds; `successes` close it again, `probes` at a time."""

    failures: int = 5
    recovery: float = 60.0
    successes: int = 2
    probes: int = 3


class Ticket:
    """The right to make one call. Exactly the first of `success`, `failure` and `abandon` counts.

    It belongs to one period of the breaker: a result that comes after the breaker has changed its state says nothing about
    the provider of now and is dropped.
    """

    __slots__ = ("_breaker", "_settled", "period")

    def __init__(self, breaker: "Breaker", period: int) -> None:
        self._breaker = breaker
        self._settled = False
        self.period = period

    def success(self) -> None:
        """The provider answered."""
        if self._settle():
            self._breaker.succeeded()

    def failure(self) -> None:
        """The provider did not answer, or said that it failed."""
        if self._settle():
            self._breaker.failed()

    def abandon(self) -> None:
        """The call ended for a reason that says nothing about the provider."""
        if self._settle():
            self._breaker.abandoned()

    def _settle(self) -> bool:
        """Whether the result still counts."""
        first, self._settled = not self._settled, True
        return first and self._breaker.current(self)


class Breaker:
    """One provider's breaker. `clock` gives monotonic seconds; `on_transition` hears (from, to) of each change."""

    def __init__(self, limits: BreakerLimits, clock: Clock, on_transition: OnTransition = lambda _from, _to: None) -> None:
        self.limits = limits
        self.clock = clock
        self.on_transition = on_transition
        self.state = State.CLOSED
        self.failures = 0
        """Failures in a row. They stand while the breaker is not closed."""
        self.opened_at = 0.0
        self.successes = 0
        """Probes that succeeded since the breaker became half-open."""
        self.probing = 0
        """Probes that are under way."""
        self._period = 0

    def admit(self) -> Ticket | float:
        """The right to call the provider now, or the seconds (more than 0, at most the recovery time) to wait for it."""
        if self.state is State.OPEN and self.recovered():
            self.half_open()
        if self.state is State.OPEN:
            # Not 0 by rounding: a caller told to retry after no time would call again at once.
            return max(self.retry_after(), 0.001)
        if self.state is State.HALF_OPEN:
            if not self.probe_free():
                return min(SURPLUS_RETRY_S, self.limits.recovery)
            self.probing += 1
        return Ticket(self, self._period)

    def retry_after(self) -> float:
        """Seconds until an open breaker lets a probe pass; 0 if it does now."""
        return max(0.0, self.opened_at + self.limits.recovery - self.clock())

    def current(self, ticket: Ticket) -> bool:
        """Whether the ticket's call was admitted in the state that the breaker still has."""
        return ticket.period == self._period

    # --- what the states are about

    def too_many_failures(self) -> bool:
        """Whether the failures in a row open a closed breaker."""
        return self.failures >= self.limits.failures

    def recovered(self) -> bool:
        """Whether an open breaker has waited long enough."""
        return self.retry_after() <= 0

    def probe_free(self) -> bool:
        """Whether a half-open breaker admits one more call."""
        return self.probing < self.limits.probes

    def healed(self) -> bool:
        """Whether the successes of its probes close a half-open breaker."""
        return self.successes >= self.limits.successes

    # --- results of calls admitted in the present state

    def succeeded(self) -> None:
        """A call went well."""
        if self.state is State.CLOSED:
            self.forgive()
            return
        self.probing -= 1
        self.successes += 1
        if self.healed():
            self.close()

    def failed(self) -> None:
        """A call failed."""
        self.failures += 1
        if self.state is State.HALF_OPEN or self.too_many_failures():
            self.open()

    def abandoned(self) -> None:
        """A call ended without a result."""
        if self.state is State.HALF_OPEN:
            self.probing -= 1

    # --- transitions

    def forgive(self) -> None:
        """A success while closed: failures are counted in a row."""
        self.failures = 0

    def open(self) -> None:
        """Refuse calls from now for the recovery time."""
        self.start_timer()
        self._become(State.OPEN)

    def start_timer(self) -> None:
        """The recovery time begins now."""
        self.opened_at = self.clock()

    def half_open(self) -> None:
        """Let probes pass."""
        self._become(State.HALF_OPEN)

    def close(self) -> None:
        """Let all calls pass."""
        self.failures = 0
        self._become(State.CLOSED)

    def _become(self, state: State) -> None:
        before, self.state = self.state, state
        self._period += 1
        self.probing = 0
        self.successes = 0
        self.on_transition(before, state)
