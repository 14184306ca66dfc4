"""One scenario from its first hook to the end of its clean-ups."""

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from support.kit.errors import set_where
from support.kit.evidence import Evidence, Redactor
from support.kit.latency import Samples
from support.kit.slice import RunSettings, Target, World
from support.report.records import Outcome, Problem, ScenarioRecord, StepRecord
from support.run.behave_types import Context, Scenario, Step
from support.run.gates import Gate
from support.run.slices import world_module

LOG = "suite.log"
_LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_PENDING = ("pending", "pending_warn", "untested_pending")


class ScenarioRun:
    """Fills a ScenarioRecord. Errors of each part are told to `add`, and the parts after it go on."""

    def __init__(self, scenario: Scenario, record: ScenarioRecord, samples: Samples) -> None:
        self.scenario = scenario
        self.record = record
        self.evidence: Evidence | None = None
        self.world: World | None = None
        self._samples = samples
        self._sampled_before = len(samples.seconds)
        self._redactor = Redactor()
        self._log: logging.Handler | None = None
        self._problems: list[Problem] = []
        self._gate: Gate | None = None
        self._begun = time.perf_counter()
        record.started = datetime.now(UTC)

    def leave_out(self, gate: Gate) -> None:
        """Run none of its steps, or none of those that are left."""
        self._gate = gate
        self.scenario.skip()  # a reason given to behave would be logged as a warning, too
        self.scenario.skip_reason = gate.reason

    def open(self, context: Context, target: Target, settings: RunSettings, folder: Path, shown: str) -> None:
        """Make the world and hand it to the steps. `shown` is the evidence folder as failures name it."""
        self.record.target, self.record.target_version = target.name, target.version
        self.record.evidence = folder
        self.evidence = Evidence(folder, self._redactor)
        self._log = logging.FileHandler(self.evidence.log_path(LOG), encoding="utf-8")
        self._log.setFormatter(logging.Formatter(_LOG_FORMAT))
        logging.getLogger().addHandler(self._log)
        set_where(f"{self.record.id}, {target.name} {target.version}, evidence {shown}/")
        world = world_module(self.record.slice).open_world(target, settings, self.evidence, self._samples)
        self.world = world
        context.world = world
        context.add_cleanup(world.close)

    def add(self, problem: Problem) -> None:
        self._problems.append(problem)

    def running_step(self) -> Step | None:
        """behave marks a step only when it has ended: the first that has not is the one that runs."""
        return next((step for step in self.scenario.all_steps if step.status.name == "untested"), None)

    def has_acted(self) -> bool:
        """Whether a When or Then has begun: the step that runs, or one before it."""
        for step in self.scenario.all_steps:
            if step.step_type != "given":
                return True
            if step.status.name == "untested":
                return False
        return True

    def finish(self) -> None:
        """Close log and evidence and pass the verdict. Called last, when all clean-ups are through. May be repeated."""
        for close in (self._close_log, self._close_evidence):
            try:
                close()
            except Exception as error:  # noqa: BLE001  # a clean-up may fail in any way
                self.add(Problem.of(error, "clean-up"))
        set_where(None)
        self.pass_verdict()

    def pass_verdict(self) -> None:
        record = self.record
        before = [one for one in self._problems if one.at.startswith("before_")]
        after = [one for one in self._problems if not one.at.startswith("before_")]
        steps = list(self.scenario.all_steps)
        record.problems = [self._redacted(one) for one in [*before, *_problems_of(steps), *after]]
        record.steps = [self._step_record(step) for step in steps]
        record.seconds = time.perf_counter() - self._begun
        record.sampled = len(self._samples.seconds) > self._sampled_before
        if self.evidence is not None:
            record.numbers = self.evidence.numbers
            record.warnings = self.evidence.warnings
            record.files = self.evidence.files()
        record.outcome, record.reason = self._outcome(steps)

    def _outcome(self, steps: list[Step]) -> tuple[Outcome, str]:
        main = self.record.main_problem
        if main is not None:
            return (Outcome.FAILED if main.kind == "failure" else Outcome.ERROR), ""
        if self._gate is not None:
            return self._gate.outcome, self._gate.reason
        if self.scenario.should_skip:
            return Outcome.SKIPPED, self.scenario.skip_reason or "a step or hook skipped it without a reason"
        if not steps:
            empty = Problem("error", "the scenario", "NoStepsError", "the scenario has no steps, so it promises nothing")
            self.record.problems = [empty]
            return Outcome.ERROR, ""
        if all(step.status.name == "passed" for step in steps):
            return Outcome.PASSED, ""
        return Outcome.UNTESTED, "its steps did not all run"

    def _step_record(self, step: Step) -> StepRecord:
        error = "" if step.exception is None else f"{type(step.exception).__name__}: {step.exception}"
        return StepRecord(_text(step), step.status.name, float(step.duration), self._clean(error))

    def _redacted(self, problem: Problem) -> Problem:
        return replace(problem, message=self._clean(problem.message), details=self._clean(problem.details))

    def _clean(self, text: str) -> str:
        return self._redactor.apply(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass") if text else ""

    def _close_log(self) -> None:
        if self._log is not None:
            logging.getLogger().removeHandler(self._log)
            self._log.close()

    def _close_evidence(self) -> None:
        if self.evidence is not None:
            self.evidence.close()


def _text(step: Step) -> str:
    return f"{step.keyword} {step.name}"


def _problems_of(steps: list[Step]) -> list[Problem]:
    problems = []
    for step in steps:
        at = f"step '{_text(step)}'"
        status = step.status.name
        if status == "undefined":
            problems.append(Problem("error", at, "UndefinedStepError", f"no step definition matches: {_text(step)}"))
        elif status in _PENDING:
            problems.append(Problem("error", at, "PendingStepError", f"the step is not implemented yet: {_text(step)}"))
        elif status in ("failed", "error") and step.exception is not None:
            problems.append(Problem.of(step.exception, at, step.exc_traceback))
        elif status not in ("passed", "skipped", "untested", "hook_error"):
            problems.append(Problem("error", at, "StepError", step.error_message or f"behave calls the step {status}"))
    return problems
