"""reports/report.json: one record per scenario, and what is true of the run as a whole."""

import json
import os
from pathlib import Path

from support.report.records import Outcome, Problem, RunRecord, ScenarioRecord


def write_json(run: RunRecord, path: Path) -> Path:
    """Write the run to `path`, whole or not at all. Times in seconds, paths of evidence relative to the reports."""
    return write_whole(path, as_json(run))


def write_whole(path: Path, content: object) -> Path:
    """JSON to a file that a reader never sees half of."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".json.partial")
    text = json.dumps(content, indent=1, ensure_ascii=False)
    partial.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    os.replace(partial, path)
    return path


def as_json(run: RunRecord) -> dict[str, object]:
    counts = run.counts
    return {
        "started": run.started.isoformat(timespec="milliseconds"),
        "duration": round(run.seconds, 3),
        "red": run.red,
        "selection": run.selection,
        "options": run.options,
        "targets": [{"slice": one.slice, "name": one.name, "version": one.version} for one in run.targets],
        "counts": {
            "selected": len(run.scenarios),
            "not_selected": run.not_selected,
            **{outcome.value: counts[outcome] for outcome in Outcome},
            "errors_outside": len(run.outside),
        },
        "errors_outside": [_problem(problem) for problem in run.outside],
        "warnings": run.warnings,
        "scenarios": [_scenario(run, scenario) for scenario in run.scenarios],
    }


def _scenario(run: RunRecord, scenario: ScenarioRecord) -> dict[str, object]:
    return {
        "id": scenario.id,
        "slice": scenario.slice,
        "feature": scenario.feature,
        "rule": scenario.rule,
        "name": scenario.name,
        "tags": list(scenario.tags),
        "location": scenario.location,
        "target": scenario.target,
        "target_version": scenario.target_version,
        "status": scenario.outcome.value,
        "reason": scenario.reason or (scenario.main_problem.message if scenario.main_problem is not None else ""),
        "started": scenario.started.isoformat(timespec="milliseconds") if scenario.started else None,
        "duration": round(scenario.seconds, 6),
        "steps": [
            {"text": step.text, "status": step.status, "duration": round(step.seconds, 6), "error": step.error}
            for step in scenario.steps
        ],
        "problems": [_problem(problem) for problem in scenario.problems],
        "evidence": [run.in_reports(path) for path in scenario.files],
        "numbers": [{"name": one.name, "value": one.value, "unit": one.unit} for one in scenario.numbers],
        "warnings": scenario.warnings,
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"kind": problem.kind, "at": problem.at, "type": problem.type, "message": problem.message}
