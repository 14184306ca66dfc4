"""A run from the moment behave loads environment.py: what its hooks, steps and clean-ups are led through."""

import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from support.kit.coming import foretell
from support.kit.latency import Samples
from support.kit.leftovers import sweep
from support.kit.verdict import tell_steps
from support.report.console import ConsoleFormatter
from support.report.records import Listener, Problem, RunRecord, ScenarioRecord, TargetRecord
from support.report.text import printable, problem_lines
from support.run.behave_types import ConfigError, Context, Runner, Scenario, find_runner, is_ours_to_replace
from support.run.conduct import Conduct
from support.run.end_reporter import EndReporter
from support.run.ending import Ending
from support.run.errors import EndedBySignalError, RunRefusedError
from support.run.folder import ReportsFolder
from support.run.gates import needs_gate, wip_gate
from support.run.guards import (
    guard_clean_ups,
    guard_steps,
    only_lists,
    raise_all,
    refused_settings,
    refused_steps,
    report_early_errors,
)
from support.run.options import RunOptions, parse_options, reports_option
from support.run.scenario import ScenarioRun
from support.run.selection import first_steps, select, selection_text
from support.run.signals import EndingSignals
from support.run.slices import Targets, known_slices
from support.run.watch import Watch, all_stacks


def begin(root: Path) -> "Session":
    """Called by environment.py while behave loads it: takes the reports folder and guards whatever comes next.

    A run that only lists (--dry-run, -f steps.catalog) calls no hooks and touches no reports. behave's ConfigError,
    which ends behave with one message, for options that are wrong.
    """
    runner = find_runner()
    config = runner.config
    config.reporters[:] = [reporter for reporter in config.reporters if not is_ours_to_replace(reporter)]
    if not config.capture:  # --junit switches it on; our own files need no captured output
        config.capture_stdout = config.capture_stderr = config.capture_log = config.capture_hooks = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # no text of a scenario may crash a formatter of behave
            stream.reconfigure(errors="backslashreplace")
    session = Session(runner, root)
    if only_lists(config):
        config.dry_run = True
    else:
        session.prepare()
    return session


class Session:
    """One run. Its hooks are called by environment.py; everything else by the guards that it puts in place."""

    def __init__(self, runner: Runner, root: Path) -> None:
        self.root = root
        self.runner = runner
        self.current: ScenarioRun | None = None
        self.ended_by: str | None = None
        self.samples = Samples()
        self.listeners: list[Listener] = []
        self.chosen: list[tuple[Scenario, ScenarioRecord]] = []
        self._started = False

    def prepare(self) -> None:
        """From here on reports are written whatever happens."""
        config = self.runner.config
        wanted = reports_option(config.userdata) or self.root / "reports"
        try:
            self._folder = ReportsFolder.open(wanted, ours=wanted == self.root / "reports")
        except RunRefusedError as error:
            raise ConfigError(str(error)) from error
        self.record = RunRecord(self.root, self._folder.path, self._folder.history)
        if self._folder.shared:
            place = self.record.shown(self._folder.path)
            print(f"another run is writing to {self.record.shown(wanted)}/: this one writes to {place}/")
        self._signals = EndingSignals(self._signalled)
        self._ending = Ending(self, self._folder, self._signals)
        self.watch = Watch(self.dump_stacks, self._ending.die)
        self.conduct = Conduct(self)
        self._ending.prepare()
        self._signals.install()
        sweep()
        self.watch.start()
        report_early_errors(self.runner, self.conduct, self.early_error)
        try:
            raise_all(refused_settings(config))
            self.options: RunOptions = parse_options(config.userdata, self.root)
        except RunRefusedError as error:
            self.early_error(error, "the command line")
            raise ConfigError(str(error)) from error
        self.record.options = self.options.as_json(self.root)
        self.watch.limit = self.options.settings.step_limit

    # The hooks of environment.py

    def start(self, context: Context) -> None:
        """before_all: choose the scenarios, open the targets. Anything wrong is told all at once, and nothing runs."""
        config = self.runner.config
        self._started = True
        self.listeners = [one for one in self.runner.formatters if isinstance(one, ConsoleFormatter)]
        config.reporters.append(EndReporter(self.runner, self._ending))
        context.on_cleanup_error = self.conduct.clean_up_failed
        guard_clean_ups(context, self.conduct)
        logging.getLogger().setLevel(logging.INFO)
        self._choose()
        self._targets = Targets(self.options.targets)
        for name in sorted({scenario.slice for scenario in self.record.scenarios}):
            self._open_target(name)

    def open_scenario(self, context: Context) -> None:
        """before_scenario: the scenario's world, unless a tag keeps it out."""
        run = self._running()
        tags, config = run.record.tags, self.runner.config
        gate = wip_gate(tags, str(config.tag_expression))
        if gate is None:
            target = self._targets.open(run.record.slice)
            gate = needs_gate(tags, target, strict=self.options.settings.strict)
        if gate is not None:
            run.leave_out(gate)
            return
        foretell(first_steps(self.chosen, run.scenario))
        tell_steps(went_well=False)
        folder = self.record.folder / "evidence" / run.record.slice / run.record.id
        run.open(context, target, self.options.settings, folder, self.record.shown(folder))

    def audit(self) -> None:
        """after_scenario: is everything still as it must be?"""
        run = self._running()
        tell_steps(went_well=all(step.status.name in ("passed", "skipped") for step in run.scenario.all_steps))
        if run.world is not None and self.ended_by is None:
            run.world.audit()

    # Told by whoever notices

    def early_error(self, error: BaseException, at: str) -> None:
        """Something went wrong before the first hook. behave prints it, so only the reports need to be told."""
        if self.ended_by is None:
            self.record.outside.append(Problem.of(error, at))

    def outside(self, problem: Problem) -> None:
        """Something went wrong outside of any scenario."""
        self.record.outside.append(problem)
        for listener in self.listeners:
            listener.problem_outside(problem)
        if not self.listeners:
            print(printable("\n".join(["ERROR outside the scenarios", *problem_lines(problem)]), sys.stderr), file=sys.stderr)

    # Inside

    def _choose(self) -> None:
        runner = self.runner
        selection = select(runner.features, runner.config, known_slices(), self.root)
        self.record.selection = selection_text(runner.config)
        self.record.not_selected = selection.left_out
        self.record.scenarios = [record for _, record in selection.chosen]
        self.chosen = selection.chosen
        for listener in self.listeners:
            listener.run_started(self.record)
        registry = runner.step_registry
        assert registry is not None, "behave sets its registry before the first hook"
        raise_all([*selection.wrong, *refused_steps(registry)])
        guard_steps(registry, self.conduct)

    def _open_target(self, name: str) -> None:
        try:
            target = self._targets.open(name)
            self.record.targets.append(TargetRecord(name, target.name, target.version))
        except Exception as error:  # noqa: BLE001  # its scenarios will fail, those of other slices can run
            self.outside(Problem.of(error, f"opening the target of {name}"))

    def _running(self) -> ScenarioRun:
        assert self.current is not None, "called by the hooks of a scenario"
        return self.current

    def _signalled(self, name: str) -> None:
        """In the signal handler. Only os.write is safe here: the signal may have come in the middle of a print."""
        if self.ended_by is not None or self._ending.judging:
            os.write(2, f"\n{name}: the run is ending already\n".encode())
            return
        self.ended_by = name
        if not self._started:
            raise SystemExit(f"ended by {name}")
        os.write(2, f"\n{name}: cleaning up\n".encode())
        self.runner.aborted = True
        self.watch.interrupt(EndedBySignalError(f"ended by {name} in {self.watch.what}"))

    def dump_stacks(self, what: str) -> None:
        run = self.current
        folder = run.evidence.folder if run is not None and run.evidence is not None else self.record.folder
        with (folder / "stacks.txt").open("a", encoding="utf-8") as file:
            file.write(f"{what} at its limit\n\n{all_stacks()}\n")
