"""What `support.run` itself has to complain about. All of them are errors in JUnit, never failures."""

from support.kit.errors import InfrastructureError


class RunRefusedError(InfrastructureError):
    """The run cannot begin as it was asked for: a wrong option, tag, id, step definition or profile."""


class NothingRanError(InfrastructureError):
    """No scenario came to a verdict, so the run proves nothing."""


class NotRunError(InfrastructureError):
    """Selected scenarios were left out without anybody saying why."""


class NeedMissingError(InfrastructureError):
    """A scenario needs something that is not there, in a run that must not skip (-D strict=yes)."""


class LimitExceededError(InfrastructureError):
    """A step, hook or clean-up took longer than the limit and was ended."""


class EndedBySignalError(InfrastructureError):
    """The run was told to end."""


class StepReturnedError(InfrastructureError):
    """A step returned a value: behave ignores it, so `return False` would pass."""


class QuitError(InfrastructureError):
    """A step, hook or clean-up tried to leave the whole program."""


class LeftoverError(InfrastructureError):
    """Something of ours was still there when the run ended."""
