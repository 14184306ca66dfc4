"""What happened in a run, as plain data: filled by `support.run`, read by every writer in this package."""

import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol

from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.evidence import Number
from support.kit.latency import LatencyReport

Kind = Literal["failure", "error"]
"""A broken promise is a failure; everything else that goes wrong (suite, machine, target's process) an error."""


class Outcome(StrEnum):
    """How a scenario ended. DECLINED: skipped because the target does not offer it. UNTESTED: the run ended first."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    DECLINED = "declined"
    UNTESTED = "untested"


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong.

    at: where, e.g. "step 'Then the bulb is on'", "before_all", "clean-up". type: the exception's class name.
    message: its text. details: the traceback. explained: the message was written for a reader and says it all.
    """

    kind: Kind
    at: str
    type: str
    message: str
    details: str = ""
    explained: bool = True

    @classmethod
    def of(cls, error: BaseException, at: str, trace: TracebackType | None = None) -> "Problem":
        """AssertionErrors (a PromiseBrokenError is one) are failures, all others errors."""
        name = type(error).__name__
        return cls(
            kind="failure" if isinstance(error, AssertionError) else "error",
            at=at,
            type=name,
            message=str(error) or name,
            details="".join(traceback.format_exception(type(error), error, trace or error.__traceback__)),
            explained=isinstance(error, PromiseBrokenError | InfrastructureError),
        )


@dataclass(frozen=True)
class StepRecord:
    """One step as it went. `status` is behave's word for it, `seconds` its time, `error` empty where it had none."""

    text: str
    status: str
    seconds: float
    error: str = ""


@dataclass
class ScenarioRecord:
    """One selected scenario.

    `tags` include inherited ones, sorted; `location` is file:line; times in seconds; `warnings` are the bounds that it
    missed and that depend on the machine.
    """

    id: str
    name: str
    feature: str
    feature_file: str
    rule: str
    slice: str
    tags: tuple[str, ...]
    location: str
    outcome: Outcome = Outcome.UNTESTED
    reason: str = ""
    target: str = ""
    target_version: str = ""
    started: datetime | None = None
    seconds: float = 0.0
    steps: list[StepRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    evidence: Path | None = None
    files: list[Path] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sampled: bool = False

    @property
    def red(self) -> bool:
        return self.outcome in (Outcome.FAILED, Outcome.ERROR)

    @property
    def main_problem(self) -> Problem | None:
        """What the scenario is judged by: an error says that a failure beside it cannot be trusted."""
        errors = [problem for problem in self.problems if problem.kind == "error"]
        return next(iter(errors or self.problems), None)


@dataclass(frozen=True)
class TargetRecord:
    slice: str
    name: str
    version: str


@dataclass
class RunRecord:
    """A whole run. `folder` is where its reports go, `root` the project's folder that shown paths are relative to.

    not_selected: how many scenarios were parsed but left out by path, name or tags. outside: what went wrong
    outside of any scenario. history: the folder that numbers of all runs are appended to.
    """

    root: Path
    folder: Path
    history: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    options: dict[str, str | float | bool] = field(default_factory=dict)
    selection: str = ""
    targets: list[TargetRecord] = field(default_factory=list)
    scenarios: list[ScenarioRecord] = field(default_factory=list)
    outside: list[Problem] = field(default_factory=list)
    not_selected: int = 0
    junit_folders: list[Path] = field(default_factory=list)
    latency: LatencyReport | None = None

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(scenario.outcome for scenario in self.scenarios)

    @property
    def warnings(self) -> list[str]:
        """What fell short without being red: bounds that depend on the machine."""
        found = [f"{scenario.id}: {text}" for scenario in self.scenarios for text in scenario.warnings]
        return [*(self.latency.warnings if self.latency is not None else []), *found]

    @property
    def executed(self) -> int:
        """How many scenarios ran to a verdict."""
        return sum(self.counts[kind] for kind in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR))

    @property
    def red(self) -> bool:
        return bool(self.outside) or any(scenario.red for scenario in self.scenarios)

    def shown(self, path: Path) -> str:
        """The path as a reader of the reports sees it: relative to the project where it lies in it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def in_reports(self, path: Path) -> str:
        """The path relative to the reports, so that the folder can be moved (an artefact of CI, say)."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)


class Listener(Protocol):
    """Told about a run while it goes on."""

    def run_started(self, run: RunRecord) -> None: ...

    def scenario_started(self, scenario: ScenarioRecord, number: int) -> None:
        """`number` counts the selected scenarios from 1."""

    def scenario_finished(self, scenario: ScenarioRecord) -> None: ...

    def problem_outside(self, problem: Problem) -> None: ...
