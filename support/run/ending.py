"""The end of a run: the last verdicts, nothing left behind, reports written whatever happened."""

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.at_end import end_everything
from support.kit.loop import stop_the_loop
from support.kit.process import stop_all
from support.report.json_report import write_json
from support.report.junit import remove_ours, write_junit, write_provisional
from support.report.performance import console, measure, write_performance
from support.report.records import Outcome, Problem, RunRecord
from support.report.summary import summary
from support.report.text import printable, problem_lines
from support.run.errors import EndedBySignalError, LeftoverError, NothingRanError, NotRunError
from support.run.folder import ReportsFolder
from support.run.signals import EndingSignals

if TYPE_CHECKING:
    from support.run.session import Session

STUCK_EXIT = 70
_LAST_WORDS = 15.0
"""Seconds for the reports of a run whose main thread hangs, and again for stopping its processes."""


class Ending:
    """Finishes a run once: from behave's last callback, from atexit when that never came, or from the watchdog."""

    def __init__(self, session: "Session", folder: ReportsFolder, signals: EndingSignals) -> None:
        self._session = session
        self._record: RunRecord = session.record
        self._folder = folder
        self._signals = signals
        self.judging = False
        """From here on the verdict stands: a signal comes too late to change it."""
        self._stuck = ""
        self._pid = os.getpid()
        self._begun = time.monotonic()
        self._finished = False

    def prepare(self) -> None:
        """Say in advance that the run died, in case it will not be able to say so."""
        folder, config = self._folder.path / "junit", self._session.runner.config
        self._record.junit_folders = [folder]
        asked = Path(config.junit_directory).resolve()
        if config.junit and asked not in (folder, self._session.root / "reports" / "junit"):
            self._record.junit_folders.append(asked)
            remove_ours(asked)
        for one in self._record.junit_folders:
            write_provisional(self._record, one)
        atexit.register(self._at_exit)

    def finish(self) -> bool:
        """Whether the run is red. May be repeated."""
        if not self._finished:
            told = len(self._record.outside)
            self._settle()
            self._stop_everything()
            self._judge()
            self._write()
            self._finished = True
            self._say(self._record.outside[told:])
            self._release()
        return self._record.red

    def die(self, what: str) -> None:
        """The main thread hangs and cannot be ended: report, stop all processes, and end the process."""
        sys.stderr.write(f"\n{what} hangs and cannot be ended: the run is over (exit {STUCK_EXIT})\n")
        run = self._session.current
        evidence = run.evidence if run is not None else None
        redact = evidence.close if evidence is not None else _nothing
        try:
            for last in (partial(self._report_stuck, what), stop_all, redact):
                thread = threading.Thread(target=last, daemon=True)  # what hangs may hold a lock that this needs
                thread.start()
                thread.join(_LAST_WORDS)
            sys.stdout.flush()
        finally:
            os._exit(STUCK_EXIT)

    def _at_exit(self) -> None:
        """Only when behave ended early or crashed: its exit code may be anything, 0 included."""
        if self._finished or os.getpid() != self._pid:  # a forked child takes this along
            return
        if not self._record.outside and self._session.ended_by is None:
            crash = getattr(sys, "last_value", None)
            died = Problem("error", "the run", "RunDied", "the program ended before the run did")
            self._record.outside.append(Problem.of(crash, "the run") if isinstance(crash, Exception) else died)
        try:
            self.finish()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1)

    def _settle(self) -> None:
        """Scenarios that behave never came to, and one that never came to its end."""
        if self._session.current is not None:
            self._session.current.add(Problem("error", "the run", "RunDied", "the run ended in the middle of this scenario"))
            self._session.conduct.leave()
        for scenario, record in self._session.chosen:
            if record.outcome is not Outcome.UNTESTED or record.reason:
                continue
            if scenario.should_skip:
                record.outcome, record.reason = Outcome.SKIPPED, scenario.skip_reason or "skipped by a hook without a reason"
            elif self._session.ended_by is not None:
                record.reason = f"the run was ended by {self._session.ended_by}"
            elif self._stuck:
                record.reason = f"the run hung in {self._stuck}"
            elif self._session.runner.config.stop:
                record.reason = "--stop"
            else:
                record.reason = "the run did not come to it"
        self._record.seconds = time.monotonic() - self._begun

    def _judge(self) -> None:
        self.judging = True
        record, counts = self._record, self._record.counts
        untested = counts[Outcome.UNTESTED]
        if self._session.ended_by is not None:
            text = f"the run was ended by {self._session.ended_by}; {untested} selected scenarios were not run"
            self._add(EndedBySignalError(text), "the run")
        elif untested and not (record.outside or self._stuck or self._session.runner.config.stop):
            self._add(NotRunError(f"{untested} selected scenarios were not run, and nothing says why"), "the run")
        if not record.executed and not record.outside:
            self._add(NothingRanError(self._why_nothing_ran()), "the run")
        record.latency = measure(self._session.samples.seconds)
        if record.latency is not None and record.latency.warnings and self._session.options.settings.timing_strict:
            text = "; ".join(record.latency.warnings)
            record.outside.append(Problem("failure", "latency thresholds (-D timing=strict)", "ThresholdError", text))

    def _why_nothing_ran(self) -> str:
        if not self._session.chosen:
            return f"no scenario was selected by {self._record.selection or 'this run'}; {self._record.not_selected} were read"
        reasons = sorted({one.reason for one in self._record.scenarios})
        return f"all {len(self._session.chosen)} selected scenarios were skipped: {'; '.join(reasons)}"

    def _stop_everything(self) -> None:
        for end in (end_everything, self._stop_processes, stop_the_loop):
            self._attempt(partial(self._session.conduct.run_clean_up, end), "the end of the run")

    def _stop_processes(self) -> None:
        left = stop_all()
        if left:
            raise LeftoverError(f"still running at the end, and stopped now: {', '.join(left)}")

    def _write(self) -> None:
        """Each report is written even if another cannot be; that is an error which the later ones tell."""
        record = self._record
        self._attempt(partial(write_performance, record), "writing the performance report")
        self._attempt(partial(write_json, record, record.folder / "report.json"), "writing report.json")
        for folder in record.junit_folders:
            self._attempt(partial(write_junit, record, folder), "writing JUnit")

    def _say(self, news: list[Problem]) -> None:
        for problem in news:
            lines = [f"{problem.kind.upper()}  outside the scenarios", *problem_lines(problem)]
            print(printable("\n".join(lines), sys.stdout))
        if self._record.latency is not None:
            print(f"\n{self._record.latency.console()}")
        if measured := console(self._record):
            print(printable(f"\n{measured}", sys.stdout))
        print(f"\n{summary(self._record, sys.stdout)}", flush=True)

    def _release(self) -> None:
        self._session.watch.stop()
        self._signals.restore()
        self._folder.release()

    def _report_stuck(self, what: str) -> None:
        problem = Problem("error", what, "StuckError", f"{what} hangs, and could not be ended: the whole run was")
        self._stuck = what
        self._session.dump_stacks(what)
        run = self._session.current
        if run is None:
            self._record.outside.append(problem)
        else:
            run.add(problem)
            run.pass_verdict()
            self._session.current = None
        self._settle()
        self._judge()
        self._write()

    def _add(self, error: Exception, at: str) -> None:
        self._record.outside.append(Problem.of(error, at))

    def _attempt(self, call: Callable[[], object], at: str) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # the rest of the ending must get its turn
            self._add(error, at)


def _nothing() -> None:
    """There is no evidence to redact."""
