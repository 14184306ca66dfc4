"""What a run measured: round trips and the numbers of its @performance scenarios, on the console, in a file, in the history."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from support.kit.latency import LatencyReport, Thresholds, append_history, append_line
from support.report.json_report import write_whole
from support.report.records import RunRecord, ScenarioRecord

FILE = "performance-report.json"
TAG = "performance"
_RULE = "=" * 70


def measure(seconds: Sequence[float]) -> LatencyReport | None:
    """The report of a run's samples; None where nothing was sampled."""
    if not seconds:
        return None
    return LatencyReport.of([second * 1000.0 for second in seconds], Thresholds(), datetime.now(UTC))


def measured(run: RunRecord) -> list[ScenarioRecord]:
    """The @performance scenarios that measured something of their own."""
    return [scenario for scenario in run.scenarios if TAG in scenario.tags and scenario.numbers]


def figures(run: RunRecord) -> list[dict[str, object]]:
    """Of each such scenario: id, name, its numbers with their units, and the bounds that it missed."""
    return [
        {
            "id": scenario.id,
            "name": scenario.name,
            "numbers": [{"name": one.name, "value": one.value, "unit": one.unit} for one in scenario.numbers],
            "warnings": list(scenario.warnings),
        }
        for scenario in measured(run)
    ]


def console(run: RunRecord) -> str:
    """The block of the scenarios' own numbers, empty where there are none. Plain ASCII but for the scenarios' names."""
    lines: list[str] = []
    for scenario in measured(run):
        lines += ["", f"{scenario.id}  {scenario.name}"]
        width = max(len(one.name) for one in scenario.numbers)
        lines += [f"  {one.name + ':':<{width + 1}} {one.value:>12,.2f} {one.unit}" for one in scenario.numbers]
        lines += [f"  WARNING: {warning}" for warning in scenario.warnings]
    return "\n".join([_RULE, "PERFORMANCE REPORT - Measured by Scenarios", _RULE, *lines, "", _RULE]) if lines else ""


def write_performance(run: RunRecord) -> None:
    """Write `performance-report.json` and append to the history. Nothing where nothing was measured."""
    found = figures(run)
    if run.latency is None and not found:
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = {"timestamp": now} if run.latency is None else run.latency.as_json()
    write_whole(run.folder / FILE, content | {"scenarios": found})
    targets = ", ".join(f"{target.name} {target.version}" for target in run.targets)
    extra = {"targets": targets, "started": run.started.isoformat(timespec="seconds")}
    if run.latency is not None:
        append_history(run.history, run.latency, extra)
    if found:
        append_line(run.history / "scenarios.jsonl", json.dumps({"timestamp": now, **extra, "scenarios": found}))
