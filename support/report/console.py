"""The formatter that behave shows a run with: one line per scenario, or on a terminal one line that is rewritten."""

import shutil
import time
from typing import TextIO

from behave.formatter.base import Formatter

from support.report.records import Outcome, Problem, RunRecord, ScenarioRecord
from support.report.text import coloured, failure_block, is_terminal, printable, problem_lines


class ConsoleFormatter(Formatter):  # type: ignore[misc]  # behave has no type hints
    """Told about scenarios by `support.run`: behave itself tells no formatter how a scenario's clean-up went.

    In a dry run, where nobody tells it, it lists the scenarios.
    """

    name = "plainwire"
    description = "Progress and failures of an acceptance run"

    def __init__(self, stream_opener: object, config: object) -> None:
        super().__init__(stream_opener, config)
        self._out: TextIO = self.open()
        self._live = is_terminal(self._out)
        self._lists = bool(getattr(config, "dry_run", False))
        self._run: RunRecord | None = None
        self._begun = time.monotonic()
        self._width = 0

    # behave's own calls: only a dry run makes use of them

    def feature(self, feature: object) -> None:
        if self._lists:
            self._line(f"{getattr(feature, 'name', '')}")

    def scenario(self, scenario: object) -> None:
        if self._lists:
            tags = " ".join(f"@{tag}" for tag in getattr(scenario, "tags", ()))
            self._line(f"  {getattr(scenario, 'name', '')}  {tags}".rstrip())

    # calls of support.run (a Listener)

    def run_started(self, run: RunRecord) -> None:
        self._run = run
        self._begun = time.monotonic()

    def scenario_started(self, scenario: ScenarioRecord, number: int) -> None:
        if self._live and self._run is not None:
            minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
            total = len(self._run.scenarios)
            progress = f"{number} of {total}  {scenario.slice}  {minutes:02d}:{seconds:02d}"
            red = sum(other.red for other in self._run.scenarios)
            self._rewrite(f"{progress}{f'  {red} red' if red else ''}  {scenario.id} {scenario.name}")

    def scenario_finished(self, scenario: ScenarioRecord) -> None:
        red = scenario.red
        if not self._live or red:
            word = scenario.outcome.upper() if red else scenario.outcome
            reason = f"  ({scenario.reason})" if scenario.reason else ""
            spent = "" if scenario.outcome in (Outcome.SKIPPED, Outcome.DECLINED) else f"  {scenario.seconds:.2f} s"
            self._line(f"  {scenario.id:<9} {scenario.name}{spent}{reason}", f"{word:<8}", scenario.outcome)
        for warning in scenario.warnings:
            self._line(f"  {scenario.id:<9} {warning}", f"{'warning':<8}", Outcome.SKIPPED)
        if red and self._run is not None:
            self._line(failure_block(self._run, scenario))

    def problem_outside(self, problem: Problem) -> None:
        text = "\n".join(["  outside the scenarios", *problem_lines(problem)])
        self._line(text, f"{problem.kind.upper():<8}", Outcome.ERROR)

    def close(self) -> None:
        self._rewrite("")
        self.close_stream()

    def _line(self, text: str, word: str = "", outcome: Outcome = Outcome.PASSED) -> None:
        """A line that stays, behind `word` in the colour of the outcome."""
        self._rewrite("")
        head = coloured(word, outcome, self._out) if word else ""
        self._out.write(f"{head}{printable(text, self._out)}\n")
        self._out.flush()

    def _rewrite(self, text: str) -> None:
        """Put `text` where the last text stands that has no line of its own; "" takes that away."""
        if not self._live or not (text or self._width):
            return
        room = shutil.get_terminal_size().columns - 1
        shown = text if len(text) <= room else text[: max(0, room - 3)] + "..."
        self._out.write("\r\x1b[K" + printable(shown, self._out))
        self._out.flush()
        self._width = len(shown)
