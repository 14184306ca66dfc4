"""The last words of a run: at most 15 lines."""

from collections import Counter
from typing import TextIO

from support.report.records import Outcome, RunRecord
from support.report.text import coloured, printable

MOST_LINES = 15
_MOST_REASONS = 6


def summary(run: RunRecord, stream: TextIO) -> str:
    """Counts, why scenarios were skipped, the slowest three, and where the reports are."""
    lines = [_counts(run)]
    lines += [f"  target    {one.slice}: {one.name} {one.version}".rstrip() for one in run.targets][:4]
    lines += _reasons(run)
    slowest = sorted((one for one in run.scenarios if one.seconds > 0), key=lambda one: -one.seconds)[:3]
    if slowest:
        lines.append("  slowest   " + ", ".join(f"{one.id} {one.seconds:.2f} s" for one in slowest))
    if run.warnings:
        lines.append(f"  warning   {_short('; '.join(run.warnings))}")
    lines.append(f"  reports   {run.shown(run.folder)}/  (report.json, junit/, evidence/)")
    colour = Outcome.FAILED if run.red else Outcome.PASSED
    return coloured("RED" if run.red else "GREEN", colour, stream) + printable("\n".join(lines), stream)


def _counts(run: RunRecord) -> str:
    counts = run.counts
    words = [f"{counts[Outcome.PASSED]} passed", f"{counts[Outcome.FAILED]} failed", f"{counts[Outcome.ERROR]} errors"]
    if run.outside:
        words.append(f"{len(run.outside)} outside the scenarios")
    words += [
        f"{counts[kind]} {word}"
        for kind, word in (
            (Outcome.SKIPPED, "skipped"),
            (Outcome.DECLINED, "declined by the target"),
            (Outcome.UNTESTED, "not run"),
        )
        if counts[kind]
    ]
    return f"  {', '.join(words)}  ({run.seconds:.1f} s)"


def _reasons(run: RunRecord) -> list[str]:
    """One line per reason, the most frequent first; what does not fit is counted."""
    kinds = (Outcome.SKIPPED, Outcome.DECLINED, Outcome.UNTESTED)
    reasons = Counter((one.outcome, one.reason) for one in run.scenarios if one.outcome in kinds).most_common()
    lines = [f"  {outcome:<9} {count} x {_short(reason)}" for (outcome, reason), count in reasons[:_MOST_REASONS]]
    if len(reasons) > _MOST_REASONS:
        rest = sum(count for _, count in reasons[_MOST_REASONS:])
        lines.append(f"            and {rest} for {len(reasons) - _MOST_REASONS} more reasons: see report.json")
    return lines


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:87] + "..."
