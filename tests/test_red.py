"""The suite seen red: every liar is caught by the scenarios that are named for it, and the others stay green beside it.

By default each liar meets the quickest of the scenarios named for it, and a few that it must pass. `--every-scenario` runs
the whole slice against each (a quarter of an hour) and holds the named set to be exact. The table goes to
`reports/fault-detection.json`.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import lying_bulbs
import pytest
from behave.model import Rule
from behave.parser import parse_file

from support.toggle.caught_by import CAUGHT_BY
from support.toggle.liars import LIARS

pytestmark = pytest.mark.red
ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
AT_ONCE = 4
"""Runs side by side: most of their time is waiting for a hub's own limits."""
LIMIT = 300.0
"""Seconds for one run."""
BESIDE = frozenset({"TGL-01", "TGL-13", "TGL-50"})
"""Scenarios that a liar passes unless they are named for it: a liar that fails everything shows nothing."""

PROFILE = """\
toggle:
  kind: command
  argv: [{python}, -m, support.toggle.liars, {liar}, toggle, "--device-id={{device_id}}", "--device-host={{device_host}}",
    "--device-port={{device_port}}", "--state={{state}}", "--max-attempts={{max_attempts}}",
    "--metrics-port={{metrics_port}}", {times}]
  serve_argv: [{python}, -m, support.toggle.liars, {liar}, serve, "--metrics-port={{metrics_port}}", {times}]
  settings: {{backoff_base: [--backoff-base, "{{value}}"], backoff_cap: [--backoff-cap, "{{value}}"]}}
  capabilities: [{capabilities}]
  timeouts: {{connect: 0.3, io: 0.6}}
  backoff: {{base: 0.1, cap: 0.4, jitter: 0.1}}
"""
TIMES = '"--connect-timeout=0.3", "--io-timeout=0.6", "--backoff-base=0.1", "--backoff-cap=0.4", "--jitter=0.1"'
CLAIMS = ["metrics", "settings", "same_msg_id", "strict_ack", "logs", "serve"]


@dataclass(frozen=True)
class Verdict:
    """What became of the scenarios that met a liar, by id (without the row of an outline)."""

    liar: str
    breaks: str
    quickest: list[str]
    named: list[str]
    red: list[str]
    green: list[str]

    @property
    def caught(self) -> bool:
        return bool(self.red)


def behave(
    folder: Path, ids: Iterable[str] | None, *more: str, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> tuple[set[str], set[str]]:
    """Run the slice, or the scenarios `ids` of it; which were red and which were green."""
    tags = [f"--tags={' or '.join(f'@{each}' for each in sorted(ids))}"] if ids is not None else []
    subprocess.run(
        [BEHAVE, "-D", f"reports={folder / 'reports'}", *more, *tags, "features/toggle"],
        cwd=cwd, env=os.environ | (env or {}), capture_output=True, text=True, timeout=LIMIT * (1 if tags else 5),
    )  # fmt: skip
    report = json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))
    status = {scenario["id"]: scenario["status"] for scenario in report["scenarios"]}
    red = {each.partition(".")[0] for each, word in status.items() if word in ("failed", "error")}
    green = {each.partition(".")[0] for each, word in status.items() if word == "passed"} - red
    return red, green


def judge_hub(folder: Path, name: str, everything: bool) -> Verdict:
    liar = LIARS[name]
    caught = CAUGHT_BY[name]
    everything = everything and caught.all is not None
    profile = folder / "liar.yaml"
    profile.write_text(
        PROFILE.format(python=sys.executable, liar=name, times=TIMES, capabilities=", ".join(CLAIMS)), encoding="utf-8"
    )
    beside = BESIDE if caught.all is not None else frozenset()
    red, green = behave(folder, None if everything else caught.first | beside, "-D", f"targets={profile}")
    return Verdict(name, liar.breaks, sorted(caught.first), sorted(caught.all or red), sorted(red), sorted(green))


def judge_bulb(folder: Path, bulb: type, everything: bool) -> Verdict:
    """The same features in a folder whose composition root puts the lying bulb in the place of the honest one."""
    for part in ("features", "steps", "support", "targets", "behave.ini"):
        (folder / part).symlink_to(ROOT / part)
    (folder / "environment.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        f"import lying_bulbs, support.toggle.world\nsupport.toggle.world.Bulb = lying_bulbs.{bulb.__name__}\n"
        + (ROOT / "environment.py").read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    named = lying_bulbs.LIARS[bulb]
    red, green = behave(folder, None if everything else named | BESIDE, cwd=folder)
    return Verdict(f"bulb: {bulb.__name__}", bulb.__doc__ or "", sorted(named), sorted(named), sorted(red), sorted(green))


@pytest.fixture(scope="module")
def everything(request):
    return request.config.getoption("--every-scenario")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory, everything):
    """All liars, judged side by side; the table is written whatever comes out."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs: dict[str, Future[Verdict]] = {
            name: pool.submit(judge_hub, tmp_path_factory.mktemp(name), name, everything) for name in LIARS
        } | {
            bulb.__name__: pool.submit(judge_bulb, tmp_path_factory.mktemp(bulb.__name__), bulb, everything)
            for bulb in lying_bulbs.LIARS
        }
        found = {name: run.result() for name, run in runs.items()}
    write_table(list(found.values()), everything)
    return found


def write_table(verdicts: list[Verdict], everything: bool) -> None:
    caught = sum(verdict.caught for verdict in verdicts)
    table = {
        "toggle": {
            "scenarios": "all" if everything else "those named for each liar, and some beside them",
            "caught": caught,
            "total": len(verdicts),
            "liars": [asdict(verdict) | {"caught": verdict.caught} for verdict in verdicts],
        }
    }
    path = ROOT / "reports" / "fault-detection.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", [*LIARS, *(bulb.__name__ for bulb in lying_bulbs.LIARS)])
def test_a_liar_is_caught_by_the_scenarios_named_for_it(verdicts, everything, name):
    verdict = verdicts[name]
    assert verdict.caught, f"{name} survives: {verdict.breaks}"
    lenient = set(verdict.named if everything else verdict.quickest) - set(verdict.red)
    assert not lenient, f"{name} is not caught by {sorted(lenient)}"
    maybe = CAUGHT_BY[name].maybe if name in CAUGHT_BY else set()
    others = set(verdict.red) - set(verdict.named) - maybe
    assert not others, f"{name} also fails {sorted(others)}, which are not named for it"


def test_every_liar_has_scenarios_named_for_it():
    assert set(CAUGHT_BY) == set(LIARS)
    assert len(LIARS) >= 15


def test_every_rule_has_been_seen_red():
    """Each Rule has a scenario that is named for some liar; the test above has seen it red."""
    named = {each for caught in CAUGHT_BY.values() for each in caught.first}
    named |= {each for ids in lying_bulbs.LIARS.values() for each in ids}
    for path in sorted((ROOT / "features" / "toggle").glob("*.feature")):
        for rule in parse_file(str(path)).run_items:
            assert isinstance(rule, Rule)
            ids = {tag for scenario in rule.run_items for tag in scenario.tags if re.fullmatch(r"TGL-\d+", tag)}
            assert ids & named, f"no liar breaks the Rule {rule.name!r} of {path.name}"
