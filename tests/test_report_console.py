"""What people see: on a terminal one line that is rewritten, elsewhere one line per scenario, and a short summary."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from scratch import BEHAVE, Scratch

from support.report.records import Outcome, Problem, RunRecord, ScenarioRecord, TargetRecord
from support.report.summary import MOST_LINES, summary
from support.report.text import failure_block, printable

FEATURE = """
  @LMP-01
  Scenario: The lamp is there
    Given a lamp

  @LMP-02
  Scenario: The lamp is dark
    Then the lamp is lit

  @LMP-03
  Scenario: The lamp is there again
    Given a lamp
"""


def on_a_terminal(project: Scratch) -> str:
    """What a terminal of 80 columns receives from a run."""
    ours, theirs = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [str(BEHAVE)], cwd=project.folder, stdout=theirs, stderr=theirs, env={**env, "TERM": "xterm", "COLUMNS": "80"}
    )
    os.close(theirs)
    received = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not chunk:
            break
        received += chunk
    process.wait(30)
    os.close(ours)
    return received.decode()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("console")).feature("one", FEATURE)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_shows_one_line_that_is_rewritten(project: Scratch) -> None:
    seen = on_a_terminal(project)
    for number, name in ((1, "LMP-01"), (2, "LMP-02"), (3, "LMP-03")):
        assert f"\r\x1b[K{number} of 3  lamp  00:0" in seen
        assert name in seen
    assert "passed    LMP-01" not in seen, "a scenario that passed leaves no line"
    assert "\x1b[31;1mFAILED  \x1b[0m  LMP-02" in seen
    assert "promised  the lamp is lit" in seen
    assert "1 red" in seen


def test_without_a_terminal_each_scenario_has_a_plain_line(project: Scratch) -> None:
    out = project.run().out
    assert "\x1b" not in out
    assert "\r" not in out
    lines = out.splitlines()
    assert any(line.startswith("passed    LMP-01    The lamp is there") for line in lines)
    at = next(number for number, line in enumerate(lines) if line.startswith("FAILED    LMP-02"))
    assert lines[at + 1 : at + 6] == [
        "  features/lamp/one.feature:10",
        "  in step 'Then the lamp is lit'",
        "    promised  the lamp is lit",
        "    seen      it is dark",
        "    where     LMP-02, lamp reference 1.2.3, evidence reports/evidence/lamp/LMP-02/",
    ]


def test_behaves_own_formatters_still_work(project: Scratch) -> None:
    for name in ("plain", "pretty", "null"):
        done = project.run("--format", name)
        assert done.code == 1
        assert "2 passed, 1 failed" in done.out


def record(number: int, outcome: Outcome, reason: str = "") -> ScenarioRecord:
    return ScenarioRecord(
        id=f"LMP-{number:02}",
        name="S",
        feature="F",
        feature_file="f",
        rule="",
        slice="lamp",
        tags=(),
        location="f:1",
        outcome=outcome,
        reason=reason,
        seconds=number / 10,
    )


def test_the_summary_never_exceeds_its_lines(tmp_path: Path) -> None:
    run = RunRecord(tmp_path, tmp_path / "reports", tmp_path)
    run.targets = [TargetRecord(f"slice{number}", "target", "1") for number in range(9)]
    run.scenarios = [record(number, Outcome.SKIPPED, f"reason {number}" * 30) for number in range(50)]
    run.scenarios += [record(99, Outcome.DECLINED, "not offered") for _ in range(7)]
    text = summary(run, io.StringIO())
    assert len(text.splitlines()) <= MOST_LINES
    assert "50 skipped, 7 declined by the target" in text
    assert "declined  7 x not offered" in text
    assert "and 45 for 45 more reasons" in text
    assert "slowest   LMP-99 9.90 s" in text


def test_a_crash_shows_where_it_happened(tmp_path: Path) -> None:
    try:
        raise ValueError("bad glass")
    except ValueError as error:
        problem = Problem.of(error, "step 'Given a lamp'")
    red = record(1, Outcome.ERROR)
    red.problems = [problem]
    block = failure_block(RunRecord(tmp_path, tmp_path, tmp_path), red)
    assert "ValueError: bad glass" in block
    assert 'raise ValueError("bad glass")' in block


def test_control_characters_do_not_reach_the_terminal() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert printable("a\x1b[31m\ud800 é\n", stream) == "a\\x1b[31m\\ud800 \\xe9\n"
