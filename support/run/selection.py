"""Which scenarios a run has, and whether each has a name, an id and a slice of its own."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.report.records import ScenarioRecord
from support.run.behave_types import Config, Feature, Scenario
from support.run.slices import slice_of

FORESIGHT = 8
"""Scenarios."""
_ID = re.compile(r"[A-Z]{3}-\d+")


@dataclass
class Selection:
    """chosen: what will run, in order. left_out: how many scenarios were read but not selected. wrong: why it cannot run."""

    chosen: list[tuple[Scenario, ScenarioRecord]] = field(default_factory=list)
    left_out: int = 0
    wrong: list[str] = field(default_factory=list)


def select(features: Iterable[Feature], config: Config, slices: Iterable[str], root: Path) -> Selection:
    """Everything that behave has read, judged as behave will judge it (path, name, tags)."""
    selection = Selection()
    names: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    known = tuple(slices)
    for feature in features:
        slice_name = slice_of(feature.tags, known)
        runs = feature.should_run(config)
        chosen_before = len(selection.chosen)
        for scenario, record in _records(feature, slice_name or "", root):
            names[record.name] += 1
            if record.id:
                ids[record.id] += 1
            if not (runs and scenario.should_run(config)):
                selection.left_out += 1
                continue
            selection.chosen.append((scenario, record))
            if not record.id:
                selection.wrong.append(f"{record.location}: needs exactly one id tag like @TGL-03 (scenario {record.name!r})")
        if slice_name is None and len(selection.chosen) > chosen_before:
            selection.wrong.append(f"{feature.filename}: needs exactly one slice tag; known slices: {', '.join(known) or 'none'}")
    selection.wrong += [f"the id {one} stands at {count} scenarios" for one, count in ids.items() if count > 1]
    selection.wrong += [f"{count} scenarios have the name {one!r}" for one, count in names.items() if count > 1]
    return selection


def first_steps(chosen: Sequence[tuple[Scenario, ScenarioRecord]], now: Scenario) -> list[str]:
    """How the next few scenarios of the same slice begin, in order; without the keyword."""
    place = next(number for number, (scenario, _) in enumerate(chosen) if scenario is now)
    following = chosen[place + 1 : place + 1 + FORESIGHT]
    steps = [list(scenario.all_steps) for scenario, record in following if record.slice == chosen[place][1].slice]
    return [first[0].name for first in steps if first]


def _records(feature: Feature, slice_name: str, root: Path) -> Iterator[tuple[Scenario, ScenarioRecord]]:
    """Rows of an outline with the id TGL-03 get TGL-03.1, TGL-03.2 and so on, over all its tables."""
    rows: Counter[int] = Counter()
    file = _shown(feature.filename, root)
    for scenario in feature.walk_scenarios():
        parent = scenario.parent
        is_row = getattr(parent, "type", "") == "scenario_outline"
        own = [tag for tag in scenario.tags if _ID.fullmatch(tag)]
        identity = own[0] if len(set(own)) == 1 else ""
        if is_row:
            rows[id(parent)] += 1
            identity = f"{identity}.{rows[id(parent)]}" if identity else ""
        rule = parent.parent if is_row else parent
        yield (
            scenario,
            ScenarioRecord(
                id=identity,
                name=scenario.name,
                feature=feature.name,
                feature_file=file,
                rule=rule.name if getattr(rule, "type", "") == "rule" else "",
                slice=slice_name,
                tags=tuple(sorted(str(tag) for tag in scenario.effective_tags)),
                location=f"{file}:{scenario.line}",
            ),
        )


def _shown(filename: str, root: Path) -> str:
    path = Path(filename).resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else filename


def selection_text(config: Config) -> str:
    """How the user asked for scenarios, for reports and messages."""
    parts = [" ".join(str(path) for path in config.paths)]
    if str(config.tag_expression) not in ("", "true", "True()"):
        parts.append(f"tags {config.tag_expression}")
    if config.name:
        parts.append(f"name {' | '.join(config.name)}")
    return ", ".join(part for part in parts if part)
