"""The latency report of a run: a block on the console, a file, and one line in the history of all runs."""

from collections.abc import Sequence
from datetime import UTC, datetime

from support.kit.latency import LatencyReport, Thresholds, append_history
from support.report.json_report import write_whole
from support.report.records import RunRecord

FILE = "performance-report.json"


def measure(seconds: Sequence[float]) -> LatencyReport | None:
    """The report of a run's samples; None where nothing was sampled."""
    if not seconds:
        return None
    return LatencyReport.of([second * 1000.0 for second in seconds], Thresholds(), datetime.now(UTC))


def write_performance(run: RunRecord) -> None:
    """Write `performance-report.json` and append to the history. Nothing where nothing was sampled."""
    if run.latency is None:
        return
    write_whole(run.folder / FILE, run.latency.as_json())
    targets = ", ".join(f"{target.name} {target.version}" for target in run.targets)
    append_history(run.history, run.latency, {"targets": targets, "started": run.started.isoformat(timespec="seconds")})
