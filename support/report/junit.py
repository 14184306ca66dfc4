"""JUnit XML, valid both against the Ant schema (JUnit.xsd of windyroad) and against Jenkins' junit-10.xsd.

One file per feature. Only a <testsuite> may carry properties and output in both schemas, so each scenario is its own
<testsuite> with one <testcase>. What went wrong outside of any scenario stands in `plainwire-run.xml`.
"""

import os
import re
import socket
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from support.report.records import Kind, Outcome, Problem, RunRecord, ScenarioRecord

RUN_FILE = "plainwire-run.xml"
_MARK = " written by Plainwire "
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text with what XML 1.0 cannot hold (control characters, lone surrogates) shown as \\x1b or \\ud800."""
    return _ILLEGAL.sub(lambda match: ascii(match[0])[1:-1], text)


def write_junit(run: RunRecord, folder: Path) -> list[Path]:
    """Write all files of a run to `folder` (made where missing) and return them; the provisional file goes."""
    folder.mkdir(parents=True, exist_ok=True)
    by_file: dict[str, list[ScenarioRecord]] = defaultdict(list)
    for scenario in run.scenarios:
        by_file[scenario.feature_file].append(scenario)
    names = _file_names(by_file)
    written = [
        _write(folder / names[feature_file], [_scenario_suite(run, one) for one in scenarios])
        for feature_file, scenarios in by_file.items()
    ]
    if run.outside:
        written.append(_write(folder / RUN_FILE, [_outside_suite(run, problem) for problem in run.outside]))
    else:
        (folder / RUN_FILE).unlink(missing_ok=True)
    return written


def write_provisional(run: RunRecord, folder: Path) -> Path:
    """Say in advance that the run died: true unless `write_junit` takes it back (a run may be killed with SIGKILL)."""
    died = Problem("error", "the run", "RunDied", "the run ended without a word: no reports were written after its start")
    folder.mkdir(parents=True, exist_ok=True)
    return _write(folder / RUN_FILE, [_outside_suite(run, died)])


def remove_ours(folder: Path) -> None:
    """Remove JUnit files that an earlier run left in somebody's folder; other files are not touched."""
    for path in folder.glob("*.xml"):
        with path.open("rb") as file:
            if _MARK.strip().encode() in file.read(200):
                path.unlink()


def _file_names(feature_files: Iterable[str]) -> dict[str, str]:
    """features/toggle/retries.feature becomes toggle.retries.xml; a name that is taken gets a number."""
    names: dict[str, str] = {}
    for feature_file in feature_files:
        parts = [part for part in Path(feature_file).with_suffix("").parts if part not in ("/", "..")]
        stem = ".".join(parts[1:] if parts[0] == "features" and len(parts) > 1 else parts)
        same = sum(
            other == f"{stem}.xml" or re.fullmatch(rf"{re.escape(stem)}-\d+\.xml", other) is not None for other in names.values()
        )
        names[feature_file] = f"{stem}-{same + 1}.xml" if same else f"{stem}.xml"
    return names


def _scenario_suite(run: RunRecord, scenario: ScenarioRecord) -> ElementTree.Element:
    judged = _verdict(scenario)
    suite = _suite(
        name=f"{scenario.id} {scenario.name}",
        package=scenario.slice or "unknown",
        started=scenario.started or run.started,
        seconds=scenario.seconds,
        kind=judged,
        properties=_properties(run, scenario),
    )
    case = _case(suite, f"{scenario.id} {scenario.name}", f"{scenario.slice}.{scenario.feature}", scenario.seconds)
    if judged == "skipped":
        skipped = ElementTree.SubElement(case, "skipped")
        skipped.set("message", clean(f"{scenario.outcome}: {scenario.reason}" if scenario.reason else scenario.outcome))
    elif judged is not None and scenario.main_problem is not None:
        _problem(case, judged, scenario.main_problem, scenario.problems)
    _output(suite, _steps_text(run, scenario), _details(scenario.problems))
    return suite


def _outside_suite(run: RunRecord, problem: Problem) -> ElementTree.Element:
    name = f"outside the scenarios: {problem.at}"
    suite = _suite(
        name=name,
        package="plainwire",
        started=run.started,
        seconds=0.0,
        kind=problem.kind,
        properties={"selection": run.selection, **{f"option.{key}": str(value) for key, value in run.options.items()}},
    )
    case = _case(suite, problem.at, "plainwire.run", 0.0)
    _problem(case, problem.kind, problem, [problem])
    _output(suite, "", _details([problem]))
    return suite


def _verdict(scenario: ScenarioRecord) -> str | None:
    return {Outcome.PASSED: None, Outcome.FAILED: "failure", Outcome.ERROR: "error"}.get(scenario.outcome, "skipped")


def _properties(run: RunRecord, scenario: ScenarioRecord) -> dict[str, str]:
    properties = {
        "slice": scenario.slice,
        "id": scenario.id,
        "target": scenario.target,
        "target_version": scenario.target_version,
        "tags": " ".join(f"@{tag}" for tag in scenario.tags),
        "feature": scenario.feature,
        "rule": scenario.rule,
        "location": scenario.location,
        "outcome": scenario.outcome,
    }
    for number in scenario.numbers:
        properties[f"number.{number.name}"] = f"{number.value:g} {number.unit}".strip()
    if scenario.warnings:
        properties["warning"] = "; ".join(scenario.warnings)
    if run.latency is not None and scenario.sampled:
        properties["timing"] = "; ".join(run.latency.warnings) or "thresholds met"
    return properties


def _suite(
    name: str, package: str, started: datetime, seconds: float, kind: str | None, properties: Mapping[str, str]
) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        {
            "name": clean(name),
            "package": clean(package),
            "timestamp": started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": clean(socket.gethostname()) or "localhost",
            "tests": "1",
            "failures": str(int(kind == "failure")),
            "errors": str(int(kind == "error")),
            "skipped": str(int(kind == "skipped")),
            "time": f"{seconds:.3f}",
        },
    )
    holder = ElementTree.SubElement(suite, "properties")
    for key, value in properties.items():
        ElementTree.SubElement(holder, "property", {"name": clean(key), "value": clean(value)})
    return suite


def _case(suite: ElementTree.Element, name: str, classname: str, seconds: float) -> ElementTree.Element:
    attributes = {"name": clean(name), "classname": clean(classname), "time": f"{seconds:.3f}"}
    return ElementTree.SubElement(suite, "testcase", attributes)


def _problem(case: ElementTree.Element, kind: Kind | str, main: Problem, problems: Sequence[Problem]) -> None:
    element = ElementTree.SubElement(case, kind, {"type": clean(main.type), "message": clean(main.message)})
    element.text = clean("\n\n".join(f"{one.kind} in {one.at}\n{one.type}: {one.message}" for one in problems))


def _output(suite: ElementTree.Element, out: str, err: str) -> None:
    ElementTree.SubElement(suite, "system-out").text = clean(out)
    ElementTree.SubElement(suite, "system-err").text = clean(err)


def _steps_text(run: RunRecord, scenario: ScenarioRecord) -> str:
    lines = [f"{step.status:<9} {step.seconds:8.3f} s  {step.text}" for step in scenario.steps]
    if scenario.evidence is not None:
        lines.append(f"evidence  {run.shown(scenario.evidence)}/")
    return "\n".join(lines)


def _details(problems: Iterable[Problem]) -> str:
    return "\n".join(problem.details for problem in problems)


def _write(path: Path, suites: Sequence[ElementTree.Element]) -> Path:
    """Whole or not at all: a reader never sees half a file."""
    root = ElementTree.Element("testsuites")
    for number, suite in enumerate(suites):
        suite.set("id", str(number))
        root.append(suite)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    partial = path.with_suffix(".xml.partial")
    partial.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<!--{_MARK}-->\n{text}\n', encoding="utf-8")
    os.replace(partial, path)
    return path
