"""What can go wrong, sorted by whom it concerns: the product, or the machine the suite runs on.

`PromiseBrokenError` becomes a failure in JUnit, `InfrastructureError` an error; the two are never mixed.
"""

_where: str | None = None


def set_where(text: str | None) -> None:
    """Name the place (scenario, target, evidence folder) that broken promises are reported for."""
    global _where
    _where = text


class PromiseBrokenError(AssertionError):
    """The system under test broke a promise.

    The place is taken when the error is made: reports are written later, when another scenario is running.
    """

    def __init__(self, promised: str, seen: str) -> None:
        super().__init__(promised, seen)
        self.promised = promised
        self.seen = seen
        self.where = _where

    def __str__(self) -> str:
        text = f"promised  {self.promised}\nseen      {self.seen}"
        return f"{text}\nwhere     {self.where}" if self.where else text


class InfrastructureError(RuntimeError):
    """The suite, the machine or the target's process is at fault: says nothing about a promise."""


class VoidError(InfrastructureError):
    """The fault that a scenario plants did not take place, so its outcome proves nothing."""


class DeadlineExceededError(InfrastructureError):
    """A call of the suite did not end in the time it was given."""


class DeclinedError(InfrastructureError):
    """The scenario asks the target for something that it does not offer: no promise is broken, and nothing is at fault.

    For a Given step: the scenario then counts as declined. Once something was done there is nothing left to decline.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
