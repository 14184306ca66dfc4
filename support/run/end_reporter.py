"""The last thing that behave calls in a run."""

from support.run.behave_types import Feature, Reporter, Runner
from support.run.ending import Ending


class EndReporter(Reporter):  # type: ignore[misc]  # behave has no type hints
    """behave calls reporters after everything else, clean-ups of the run included."""

    def __init__(self, runner: Runner, ending: Ending) -> None:
        super().__init__(runner.config)
        self._runner = runner
        self._ending = ending

    def feature(self, feature: Feature) -> None:
        """Nothing: a feature's scenarios were told one by one."""

    def end(self) -> None:
        """behave computes its exit code after this, from its own view of what failed and its count of failed hooks."""
        if self._ending.finish():
            self._runner.hook_failures += 1
