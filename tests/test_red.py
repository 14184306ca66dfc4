"""The suite seen red: every liar is caught by the scenarios that are named for it, and the others stay green beside it.

By default each liar meets the quickest of the scenarios named for it, and a few that it must pass. `--every-scenario` runs
the whole slice against each and holds the named set to be exact. Of a slice with very many liars as many are met as show each
named scenario red; `--every-liar` meets all. The table goes to `reports/fault-detection.json`.
"""

import importlib
import json
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic

import pytest
from behave.model import Rule
from behave.parser import parse_file
from red import ROOT, RedSlice, Verdict

pytestmark = pytest.mark.red
AT_ONCE = 4
"""Runs side by side: most of their time is waiting."""
SLICES: dict[str, RedSlice] = {
    red.name: red for red in (importlib.import_module(path.stem).RED for path in sorted(Path(__file__).parent.glob("red_*.py")))
}
EACH = pytest.mark.parametrize("red", SLICES.values(), ids=SLICES)


@pytest.fixture(scope="module")
def everything(request):
    return request.config.getoption("--every-scenario")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory, everything, request):
    """All liars whose tests were selected, judged side by side; the table is written whatever comes out."""
    asked = {item.callspec.params["liar"] for item in request.session.items if "liar" in getattr(item, "fixturenames", ())}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs: dict[tuple[str, str], Future[Verdict]] = {
            (red.name, liar): pool.submit(timed, red, tmp_path_factory.mktemp(liar), liar, everything)
            for red in SLICES.values()
            for liar in red.liars
            if (red.name, liar) in asked
        }
        found = {key: run.result() for key, run in runs.items()}
    write_table(found, everything)
    return found


def timed(red, folder, liar, everything):
    began = monotonic()
    return replace(red.judge(folder, liar, everything), seconds=round(monotonic() - began, 1))


def write_table(verdicts: dict[tuple[str, str], Verdict], everything: bool) -> None:
    table = {}
    for name in sorted({slice_name for slice_name, _ in verdicts}):
        found = [verdict for (slice_name, _), verdict in verdicts.items() if slice_name == name]
        table[name] = {
            "scenarios": "all" if everything else "those named for each liar, and some beside them",
            "caught": sum(verdict.caught for verdict in found),
            "total": len(found),
            "liars": [asdict(verdict) | {"caught": verdict.caught} for verdict in found],
        }
    path = ROOT / "reports" / "fault-detection.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "liar", [(red.name, liar) for red in SLICES.values() for liar in red.liars], ids=lambda key: f"{key[0]}-{key[1]}"
)
def test_a_liar_is_caught_by_the_scenarios_named_for_it(verdicts, everything, liar):
    verdict = verdicts[liar]
    slice_name, name = liar
    assert verdict.caught, f"{name} survives: {verdict.breaks}"
    lenient = set(verdict.named if everything else verdict.quickest) - set(verdict.red)
    assert not lenient, f"{name} is not caught by {sorted(lenient)}"
    table = SLICES[slice_name].caught_by
    maybe = table[name].maybe if name in table else set()
    others = set(verdict.red) - set(verdict.named) - maybe
    assert not others, f"{name} also fails {sorted(others)}, which are not named for it"


@EACH
def test_every_liar_has_scenarios_named_for_it(red):
    assert set(red.caught_by) == set(red.breaks)
    assert len(red.breaks) >= red.least


@EACH
def test_every_rule_has_been_seen_red(red):
    """Each Rule has a scenario that is named for some liar; the test above has seen it red."""
    named = {each for caught in red.caught_by.values() for each in caught.first}
    named |= {each for ids in red.other_ids.values() for each in ids}
    for path in sorted((ROOT / "features" / red.name).glob("*.feature")):
        for rule in parse_file(str(path)).run_items:
            assert isinstance(rule, Rule)
            ids = {tag for scenario in rule.run_items for tag in scenario.tags if re.fullmatch(r"[A-Z]{3}-\d+", tag)}
            assert ids & named, f"no liar breaks the Rule {rule.name!r} of {path.name}"
