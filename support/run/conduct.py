"""How single steps, hooks and clean-ups are called: under the watch, with every error told to whom it concerns."""

import inspect
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from support.kit.errors import DeclinedError, InfrastructureError
from support.report.records import Outcome, Problem
from support.run.behave_types import Context, Scenario, StepFunction
from support.run.errors import EndedBySignalError, StepReturnedError
from support.run.gates import Gate
from support.run.scenario import ScenarioRun

if TYPE_CHECKING:
    from support.run.session import Session

_RUN_HOOK_FACTOR = 10
"""Opening the targets may build an image: before_all and after_all get this many step limits."""


class Conduct:
    """What `support.run.guards` hands over to (its RunsParts)."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def run_step(self, function: StepFunction, context: Context, args: Sequence[object], kwargs: dict[str, object]) -> None:
        session = self._session
        if session.ended_by is not None:
            raise EndedBySignalError(f"ended by {session.ended_by} before this step")
        try:
            result = session.watch.run(self._step_name, partial(function, context, *args, **kwargs))
        except DeclinedError as declined:
            self._decline(declined)
            return
        if result is None:
            return
        if inspect.iscoroutine(result):
            result.close()
        raise StepReturnedError(f"the step returned {result!r}: behave ignores that, so a step must raise or return nothing")

    def run_hook(self, name: str, hook: Callable[..., object], context: Context, args: Sequence[object]) -> None:
        """No exception leaves a hook: it is told to the scenario or the run, and behave is told that the hook failed."""
        session = self._session
        never_entered = name == "after_scenario" and session.current is None
        if session.ended_by is not None and (name.startswith("before_") or never_entered):
            return
        if name == "before_scenario":
            self._enter(context, args[0])  # type: ignore[arg-type]  # behave hands over the scenario
        call = partial(hook, context, *args)
        limit = session.watch.limit * (_RUN_HOOK_FACTOR if name.endswith("_all") else 1)
        try:
            if session.ended_by is None:
                session.watch.run(name, call, limit=limit)
            else:
                session.watch.clean_up(name, call, limit=limit)
        except Exception as error:  # noqa: BLE001  # whatever a hook raises belongs into the reports
            self._hook_failed(name, args, error)

    def run_clean_up(self, function: Callable[[], object]) -> object:
        name = getattr(function, "__qualname__", None) or repr(function)
        return self._session.watch.clean_up(f"clean-up {name}", function)

    def clean_up_failed(self, _context: Context, _function: Callable[[], object], error: Exception) -> None:
        """behave's on_cleanup_error."""
        self._tell(Problem.of(error, "clean-up"))

    def leave(self) -> None:
        """The last clean-up of a scenario: its verdict."""
        run = self._session.current
        if run is None:
            return
        run.finish()
        self._session.current = None
        for listener in self._session.listeners:
            listener.scenario_finished(run.record)

    def _enter(self, context: Context, scenario: Scenario) -> None:
        session = self._session
        number, record = next((number, record) for number, (one, record) in enumerate(session.chosen, 1) if one is scenario)
        session.current = ScenarioRun(scenario, record, session.samples)
        context.add_cleanup(self.leave)  # added first, so called last
        for listener in session.listeners:
            listener.scenario_started(record, number)

    def _decline(self, declined: DeclinedError) -> None:
        """The scenario stays out from here on, unless it has come further than what is given: nothing may be declined then."""
        run = self._session.current
        if run is None or run.has_acted():
            raise InfrastructureError(f"declined after something was done: {declined.reason}") from declined
        run.leave_out(Gate(Outcome.DECLINED, declined.reason))

    def _step_name(self) -> str:
        run = self._session.current
        step = run.running_step() if run is not None else None
        return f"step '{step.keyword} {step.name}'" if step is not None else "a step"

    def _hook_failed(self, name: str, args: Sequence[object], error: Exception) -> None:
        session = self._session
        session.runner.hook_failures += 1
        if name == "before_all":
            session.runner.features.clear()
        for statement in args:
            if hasattr(statement, "hook_failed"):
                statement.hook_failed = True
        problem = Problem.of(error, name)
        if session.current is not None:
            session.current.scenario.hook_failed = True
            if not session.listeners:  # nobody else would show it
                print(f"{name}: {problem.type}\n{textwrap.indent(problem.message, '  ')}")
        self._tell(problem)

    def _tell(self, problem: Problem) -> None:
        if self._session.current is None:
            self._session.outside(problem)
        else:
            self._session.current.add(problem)
