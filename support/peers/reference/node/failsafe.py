"""The failsafe of a member: whether its controller has been silent for too long."""


class Failsafe:
    """Active once nothing was heard for `timeout` seconds, until something is heard again.

    The time counts from `now`, when the node became a member, and from then on from what was heard last.
    All times are seconds of one clock that never goes back.
    """

    def __init__(self, timeout: float, now: float) -> None:
        self.timeout = timeout
        """Seconds; may be changed at any moment, and counts from when the controller was last heard, all the same."""
        self._last = now

    @property
    def deadline(self) -> float:
        """The moment from which on it is active, unless the controller is heard before."""
        return self._last + self.timeout

    def heard(self, now: float) -> None:
        """The controller has allotted something; this releases the failsafe."""
        # What is told late must not take back what was told since.
        self._last = max(self._last, now)

    def active(self, now: float) -> bool:
        """Whether it is in force. At the deadline it is: who sleeps until then needs no second look."""
        return now >= self.deadline
