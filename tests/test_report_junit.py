"""JUnit files: valid in both schemas, failure and error apart, whatever texts a scenario brings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from support.kit.evidence import Number
from support.kit.latency import LatencyReport, Thresholds
from support.report.junit import RUN_FILE, clean, remove_ours, write_junit, write_provisional
from support.report.records import Outcome, Problem, RunRecord, ScenarioRecord, StepRecord

VECTORS = Path(__file__).parent / "vectors"
SCHEMAS = [etree.XMLSchema(etree.parse(VECTORS / name)) for name in ("junit-ant.xsd", "junit-jenkins.xsd")]
NASTY = '\x00\x1b[31m\ud800\ufffe ]]> <&>" \u2028 é 電球 \U0001f4a1\r\n\t'


def scenario(
    number: int, outcome: Outcome, *problems: Problem, file: str = "features/lamp/one.feature", text: str = ""
) -> ScenarioRecord:
    return ScenarioRecord(
        id=f"LMP-{number:02}",
        name=f"Scenario {number} {text}",
        feature=f"A lamp {text}",
        feature_file=file,
        rule="",
        slice="lamp",
        tags=("lamp", "smoke"),
        location=f"{file}:{number}",
        outcome=outcome,
        reason=text if outcome in (Outcome.SKIPPED, Outcome.DECLINED, Outcome.UNTESTED) else "",
        target="lamp reference",
        target_version="1.2.3",
        started=datetime(2025, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        seconds=1234.5678,
        steps=[StepRecord(f"Given {text}", "passed", 0.001)],
        problems=list(problems),
        numbers=[Number("round trip", 1.5, "ms")],
    )


def run_of(folder: Path, *scenarios: ScenarioRecord, outside: tuple[Problem, ...] = ()) -> RunRecord:
    return RunRecord(root=folder, folder=folder, history=folder, scenarios=list(scenarios), outside=list(outside))


def require_valid(path: Path) -> etree._ElementTree:
    tree = etree.parse(path)
    for schema in SCHEMAS:
        schema.assertValid(tree)
    return tree


BROKEN = Problem("failure", "step 'Then it is lit'", "PromiseBrokenError", f"promised {NASTY}", f"details {NASTY}")
CRASHED = Problem("error", "clean-up", "OSError", f"gone {NASTY}")


def test_every_outcome_is_valid_in_both_schemas(tmp_path: Path) -> None:
    records = [scenario(number, outcome, text=NASTY) for number, outcome in enumerate(Outcome, 1)]
    records[1].problems, records[2].problems = [BROKEN], [BROKEN, CRASHED]
    run = run_of(tmp_path, *records, outside=(CRASHED, BROKEN))
    run.selection, run.options = NASTY, {"strict": True}
    for path in write_junit(run, tmp_path):
        require_valid(path)


def test_a_failure_and_an_error_are_kept_apart(tmp_path: Path) -> None:
    run = run_of(
        tmp_path, scenario(1, Outcome.FAILED, BROKEN), scenario(2, Outcome.ERROR, BROKEN, CRASHED), scenario(3, Outcome.PASSED)
    )
    (path,) = write_junit(run, tmp_path)
    failed, crashed, passed = require_valid(path).getroot()
    assert (failed.get("failures"), failed.get("errors")) == ("1", "0")
    assert failed.find("testcase/failure").get("type") == "PromiseBrokenError"
    assert (crashed.get("failures"), crashed.get("errors")) == ("0", "1")
    assert crashed.find("testcase/error").get("type") == "OSError"
    assert "PromiseBrokenError" in crashed.find("testcase/error").text
    assert not len(passed.find("testcase"))


def test_each_feature_has_a_file_and_none_overwrites_another(tmp_path: Path) -> None:
    files = [
        "features/lamp/one.feature",
        "features/lamp/two.feature",
        "elsewhere/features/lamp.one.feature",
        "features/lamp.one.feature",
    ]
    run = run_of(tmp_path, *(scenario(number, Outcome.PASSED, file=file) for number, file in enumerate(files)))
    names = [path.name for path in write_junit(run, tmp_path)]
    assert names[:2] == ["lamp.one.xml", "lamp.two.xml"]
    assert len(set(names)) == 4


def test_numbers_and_the_timing_are_properties(tmp_path: Path) -> None:
    sampled, other = scenario(1, Outcome.PASSED), scenario(2, Outcome.PASSED)
    sampled.sampled = True
    run = run_of(tmp_path, sampled, other)
    run.latency = LatencyReport.of([500.0], Thresholds(), datetime.now(UTC))
    (path,) = write_junit(run, tmp_path)
    first, second = (
        {one.get("name"): one.get("value") for one in suite.iter("property")} for suite in etree.parse(path).getroot()
    )
    assert first["number.round trip"] == "1.5 ms"
    assert "over the threshold" in first["timing"]
    assert "timing" not in second


def test_the_provisional_file_is_taken_back(tmp_path: Path) -> None:
    run = run_of(tmp_path, scenario(1, Outcome.PASSED))
    require_valid(write_provisional(run, tmp_path))
    assert "RunDied" in (tmp_path / RUN_FILE).read_text()
    write_junit(run, tmp_path)
    assert not (tmp_path / RUN_FILE).exists()


def test_only_our_own_files_are_removed_from_a_foreign_folder(tmp_path: Path) -> None:
    write_junit(run_of(tmp_path, scenario(1, Outcome.PASSED)), tmp_path)
    (tmp_path / "theirs.xml").write_text("<testsuites/>")
    remove_ours(tmp_path)
    assert [path.name for path in tmp_path.glob("*.xml")] == ["theirs.xml"]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_becomes_xml(text: str) -> None:
    element = etree.Element("any")
    element.text = clean(text)
    assert etree.fromstring(etree.tostring(element)).text in (clean(text), None if not text else clean(text))


@pytest.mark.parametrize(
    ("text", "shown"), [("\x1b[0m", r"\x1b[0m"), ("\ud800", r"\ud800"), ("电 é \U0001f4a1\n", "电 é \U0001f4a1\n")]
)
def test_what_xml_cannot_hold_is_spelt_out(text: str, shown: str) -> None:
    assert clean(text) == shown
