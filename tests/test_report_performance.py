"""What a run measured: in a file, in the history, on the console."""

import json
from datetime import UTC, datetime

import pytest

from support.kit.evidence import Number
from support.report.performance import console, figures, measure, measured, write_performance
from support.report.records import RunRecord, ScenarioRecord, TargetRecord


def scenario(number, *numbers, tags=("lamp", "performance"), warnings=()):
    return ScenarioRecord(
        id=f"LMP-{number:02}", name="The lamp is quick", feature="F", feature_file="f", rule="", slice="lamp", tags=tags,
        location="f:1", numbers=list(numbers), warnings=list(warnings),
    )  # fmt: skip


RATE = Number("lamps", 1234.5, "lamps/s")
DELAY = Number("delay, median", 0.25, "ms")


@pytest.fixture
def run(tmp_path):
    made = RunRecord(tmp_path, tmp_path / "reports", tmp_path / "history", started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    made.folder.mkdir()
    made.targets = [TargetRecord("lamp", "lamp reference", "1.2.3"), TargetRecord("bell", "bell", "4")]
    return made


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_only_performance_scenarios_with_numbers_count(run):
    run.scenarios = [scenario(1, RATE), scenario(2), scenario(3, RATE, tags=("lamp",))]
    assert [one.id for one in measured(run)] == ["LMP-01"]


def test_figures_have_their_units_and_the_bounds_that_were_missed(run):
    run.scenarios = [scenario(1, RATE, DELAY, warnings=["quick: slow"])]
    assert figures(run) == [
        {
            "id": "LMP-01",
            "name": "The lamp is quick",
            "numbers": [
                {"name": "lamps", "value": 1234.5, "unit": "lamps/s"},
                {"name": "delay, median", "value": 0.25, "unit": "ms"},
            ],
            "warnings": ["quick: slow"],
        }
    ]


def test_the_console_shows_numbers_side_by_side(run):
    run.scenarios = [scenario(1, RATE, DELAY, warnings=["quick: slow"]), scenario(2, RATE)]
    rule = "=" * 70
    assert console(run).splitlines() == [
        rule,
        "PERFORMANCE REPORT - Measured by Scenarios",
        rule,
        "",
        "LMP-01  The lamp is quick",
        "  lamps:             1,234.50 lamps/s",
        "  delay, median:         0.25 ms",
        "  WARNING: quick: slow",
        "",
        "LMP-02  The lamp is quick",
        "  lamps:     1,234.50 lamps/s",
        "",
        rule,
    ]


def test_the_console_is_silent_without_numbers(run):
    run.scenarios = [scenario(1), scenario(2, RATE, tags=())]
    assert console(run) == ""


def test_nothing_measured_is_nothing_written(run):
    run.scenarios = [scenario(1)]
    write_performance(run)
    assert list(run.folder.iterdir()) == []
    assert not run.history.exists()


def test_numbers_are_written_and_kept_in_a_history_of_their_own(run):
    run.scenarios = [scenario(1, RATE)]
    write_performance(run)
    run.scenarios = [scenario(2, DELAY)]
    write_performance(run)
    written = json.loads((run.folder / "performance-report.json").read_text())
    assert [one["id"] for one in written["scenarios"]] == ["LMP-02"]
    assert datetime.fromisoformat(written["timestamp"]).tzinfo is not None
    history = lines(run.history / "scenarios.jsonl")
    assert [line["scenarios"][0]["id"] for line in history] == ["LMP-01", "LMP-02"]
    assert history[0]["targets"] == "lamp reference 1.2.3, bell 4"
    assert history[0]["started"] == "2026-01-02T03:04:05+00:00"
    assert not (run.history / "performance.jsonl").exists()


def test_round_trips_are_written_beside_the_scenarios_numbers(run):
    run.latency = measure([0.001, 0.003])
    run.scenarios = [scenario(1, RATE)]
    write_performance(run)
    written = json.loads((run.folder / "performance-report.json").read_text())
    assert written["metrics"]["sample_count"] == 2
    assert written["metrics"]["mean_ms"] == pytest.approx(2.0)
    assert written["samples_ms"] == [1.0, 3.0]
    assert len(written["scenarios"]) == 1
    (kept,) = lines(run.history / "performance.jsonl")
    assert kept["metrics"] == written["metrics"]
    assert kept["targets"] == "lamp reference 1.2.3, bell 4"
    assert len(lines(run.history / "scenarios.jsonl")) == 1


def test_round_trips_alone_leave_no_line_about_scenarios(run):
    run.latency = measure([0.001])
    write_performance(run)
    assert json.loads((run.folder / "performance-report.json").read_text())["scenarios"] == []
    assert not (run.history / "scenarios.jsonl").exists()


def test_no_round_trips_are_no_report():
    assert measure([]) is None
    assert measure([0.5]).mean_ms == 500.0
