import json
import math
import multiprocessing
import threading
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from support.kit.latency import LatencyReport, Samples, Thresholds, append_history, percentile

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)


def report(*samples_ms: float, thresholds: Thresholds | None = None) -> LatencyReport:
    return LatencyReport.of(samples_ms, thresholds or Thresholds(), NOON)


def test_percentile_is_the_value_at_the_exact_rank() -> None:
    for count in (1, 2, 3, 19, 20, 21, 99, 100, 199, 200, 201):
        values = list(range(count, 0, -1))
        for p in range(1, 101):
            assert percentile(values, p) == math.ceil(Fraction(p) * count / 100)


@pytest.mark.parametrize("p", [50, 95, 99])
def test_percentile_agrees_with_numpy_where_the_report_uses_it(p: int) -> None:
    dice = np.random.default_rng(7)
    for count in range(1, 400):
        values = dice.exponential(5.0, count)
        assert percentile(values.tolist(), p) == np.percentile(values, p, method="inverted_cdf")


def test_percentile_takes_a_fraction_of_a_percent_as_it_is_written() -> None:
    assert percentile(range(1, 1001), 99.9) == 999


@pytest.mark.parametrize(("values", "p"), [([], 50), ([1.0], 0), ([1.0], 100.1), ([1.0], math.nan)])
def test_percentile_refuses(values: list[float], p: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, p)


def test_samples_keep_their_order() -> None:
    samples = Samples()
    for value in (0.3, 0.1, 0):
        samples.add(value)
    assert samples.seconds == (0.3, 0.1, 0.0)


@pytest.mark.parametrize("value", [-0.001, math.nan, math.inf])
def test_samples_refuse_what_is_no_span_of_time(value: float) -> None:
    samples = Samples()
    with pytest.raises(ValueError, match="latency"):
        samples.add(value)
    assert samples.seconds == ()


def test_samples_of_several_threads_are_all_there() -> None:
    samples = Samples()

    def add_many() -> None:
        for _ in range(500):
            samples.add(1.0)

    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(samples.seconds) == 2000


def test_report_has_the_keys_of_the_contract_and_known_answers() -> None:
    found = report(*[float(value) for value in range(1, 201)]).as_json()
    assert found == {
        "timestamp": "2026-03-04T12:00:00.250Z",
        "thresholds": {"p95_ms": 300.0, "p99_ms": 800.0},
        "metrics": {
            "sample_count": 200,
            "min_ms": 1.0,
            "max_ms": 200.0,
            "mean_ms": 100.5,
            "stddev_ms": pytest.approx(57.879184513951124),
            "p50_ms": 100.0,
            "p95_ms": 190.0,
            "p99_ms": 198.0,
        },
        "samples_ms": [float(value) for value in range(1, 201)],
        "warnings": [],
    }
    assert json.loads(json.dumps(found)) == found


def test_report_tells_its_time_in_utc() -> None:
    here = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert LatencyReport.of([1.0], Thresholds(), here).as_json()["timestamp"] == "2026-03-04T12:00:00.250Z"


def test_report_without_samples_or_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        report()
    with pytest.raises(ValueError, match="time zone"):
        LatencyReport.of([1.0], Thresholds(), NOON.replace(tzinfo=None))


def test_below_200_samples_there_is_no_p99() -> None:
    few = report(*[900.0] * 199)
    metrics = few.as_json()["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["p99_ms"] is None
    assert "p99: needs 200 samples, have 199" in few.console()
    assert [warning[:3] for warning in few.warnings] == ["p95"]


def test_one_sample_has_no_standard_deviation() -> None:
    one = report(4.0)
    assert one.stddev_ms is None
    assert "StdDev: needs 2 samples, have 1" in one.console()
    assert "All thresholds met (p99 not judged)" in one.console()


def test_console_is_the_agreed_block() -> None:
    assert (
        report(*[10.0] * 100, *[42.67] * 100).console()
        == """\
======================================================================
PERFORMANCE REPORT - Round-Trip Command Latency
======================================================================

Samples collected: 200

Latency Statistics:
  Min:       10.00 ms
  Max:       42.67 ms
  Mean:      26.34 ms
  StdDev:    16.38 ms

Percentiles:
  p50:       10.00 ms
  p95:       42.67 ms  (threshold: 300.0 ms)
  p99:       42.67 ms  (threshold: 800.0 ms)

All thresholds met

======================================================================"""
    )


def test_beyond_the_thresholds_the_report_warns_and_on_them_it_does_not() -> None:
    tight = Thresholds(p95_ms=10.0, p99_ms=20.0)
    assert report(*[10.0] * 200, thresholds=tight).warnings == []
    slow = report(*[10.0] * 180, *[20.5] * 20, thresholds=tight)
    assert slow.warnings == [
        "p95 20.50 ms is over the threshold of 10.0 ms",
        "p99 20.50 ms is over the threshold of 20.0 ms",
    ]
    assert "WARNING: p95 20.50 ms is over the threshold of 10.0 ms\nWARNING: p99" in slow.console()
    assert "All thresholds met" not in slow.console()
    assert slow.console().isascii()
    assert slow.as_json()["warnings"] == slow.warnings


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_history_grows_by_one_line_without_the_samples(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "history"
    path = append_history(folder, report(5.0), {"target": "one"})
    assert append_history(folder, report(7.0), {"target": "two"}) == path
    assert path == folder / "performance.jsonl"
    first, second = lines(path)
    assert first.keys() == {"timestamp", "thresholds", "metrics", "warnings", "target"}
    assert (first["target"], second["target"]) == ("one", "two")


def test_history_survives_a_torn_line(tmp_path: Path) -> None:
    path = append_history(tmp_path, report(5.0), {})
    path.write_bytes(path.read_bytes() + b'{"torn": ')
    append_history(tmp_path, report(6.0), {"target": "after"})
    assert json.loads(path.read_text().splitlines()[-1])["target"] == "after"


def test_history_refuses_an_extra_that_hides_a_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="metrics"):
        append_history(tmp_path, report(5.0), {"metrics": "mine"})
    assert list(tmp_path.iterdir()) == []


def append_many(folder: Path, name: str) -> None:
    for _ in range(50):
        append_history(folder, report(5.0), {"run": name, "padding": name * 5000})


def test_runs_that_end_at_the_same_time_do_not_mix_their_lines(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("spawn")
    runs = [fork.Process(target=append_many, args=(tmp_path, name)) for name in "ab"]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0, 0]
    assert sorted(str(line["run"]) for line in lines(tmp_path / "performance.jsonl")) == ["a"] * 50 + ["b"] * 50
