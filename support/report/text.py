"""How outcomes and failures look in plain text: shared by the console and the summary."""

import os
import re
import textwrap
from typing import TextIO

from support.report.records import Outcome, Problem, RunRecord, ScenarioRecord

_COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "31;1",
    Outcome.ERROR: "35;1",
    Outcome.SKIPPED: "33",
    Outcome.DECLINED: "33",
    Outcome.UNTESTED: "33",
}


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def printable(text: str, stream: TextIO) -> str:
    """The text with what the stream cannot show, or a terminal would obey, spelt out as \\x1b or \\ud800."""
    shown = _CONTROL.sub(lambda match: ascii(match[0])[1:-1], text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def is_terminal(stream: TextIO) -> bool:
    """Whether a human is watching: CI systems that pretend to be a terminal set CI."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def coloured(text: str, outcome: Outcome, stream: TextIO) -> str:
    """The text in the outcome's colour, on a terminal only (and not where NO_COLOR is set)."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_COLOURS[outcome]}m{text}\x1b[0m"


def failure_block(run: RunRecord, scenario: ScenarioRecord) -> str:
    """A red scenario in full: where it stands, and for each problem what was promised and seen."""
    lines = [f"  {scenario.location}"]
    for problem in scenario.problems:
        lines += problem_lines(problem)
    if scenario.evidence is not None and not any("\nwhere  " in problem.message for problem in scenario.problems):
        lines.append(f"    evidence  {run.shown(scenario.evidence)}/")
    return "\n".join(lines)


def _last_frames(details: str, count: int = 2) -> list[str]:
    """The last frames of a traceback and what follows, without the lines that only underline."""
    lines = [line for line in details.rstrip().splitlines() if set(line) - set(" ^~")]
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    return lines[frames[-count] :] if len(frames) >= count else lines


def problem_lines(problem: Problem) -> list[str]:
    """Indented lines: where it happened and its message, with the end of the traceback where the message is no help."""
    text = problem.message if problem.kind == "failure" else f"{problem.type}: {problem.message}"
    lines = [f"  in {problem.at}", textwrap.indent(text, "    ")]
    if not problem.explained and problem.details:
        lines += [f"    | {line}" for line in _last_frames(problem.details)]
    return lines
