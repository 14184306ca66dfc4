"""Running a slice's features against a liar, and what came of it. Each `tests/red_<slice>.py` says how its liars are reached."""

import atexit
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from warm import Warm

from support.kit.caught import Caught

ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
TAG = re.compile(r"(?<=@)[A-Z]{3}-\d+")
LIMIT = 300.0
"""Seconds for one run."""
MANY = 60
"""Liars of a slice that are all met in every run."""


@dataclass(frozen=True)
class Verdict:
    """What became of the scenarios that met a liar, by id (without the row of an outline). seconds: that it took."""

    liar: str
    breaks: str
    quickest: list[str]
    named: list[str]
    red: list[str]
    green: list[str]
    seconds: float = 0.0

    @property
    def caught(self) -> bool:
        return bool(self.red)


@dataclass(frozen=True)
class RedSlice:
    """A slice's liars: what each breaks, who finds it, and the profile by which the suite meets it.

    strict: liars that only break what a run is usually warned of. beside: scenarios that a liar passes unless they are named
    for it: a liar that fails everything shows nothing. others: liars that are no target, by name, each with a function that
    judges it in a folder.
    """

    name: str
    breaks: dict[str, str]
    caught_by: dict[str, Caught]
    profile: Callable[[str], str]
    beside: frozenset[str]
    strict: frozenset[str]
    least: int
    others: dict[str, Callable[[Path, bool], Verdict]] = field(default_factory=dict)
    other_ids: dict[str, set[str]] = field(default_factory=dict)

    @property
    def liars(self) -> list[str]:
        return [*self.breaks, *self.others]

    @cached_property
    def in_every_run(self) -> set[str]:
        """All liars, or, of very many, as many as show each scenario that is named for some liar red."""
        if len(self.liars) <= MANY:
            return set(self.liars)
        chosen = set(self.others)
        missing = set[str]().union(*(caught.first for caught in self.caught_by.values()))
        while missing:
            liar, caught = max(self.caught_by.items(), key=lambda each: len(each[1].first & missing))
            chosen.add(liar)
            missing -= caught.first
        return chosen

    def judge(self, folder: Path, liar: str, everything: bool) -> Verdict:
        if liar in self.others:
            return self.others[liar](folder, everything)
        caught = self.caught_by[liar]
        everything = everything and caught.all is not None
        profile = folder / "liar.yaml"
        profile.write_text(self.profile(liar), encoding="utf-8")
        beside = self.beside if caught.all is not None else frozenset()
        more = ["-D", f"targets={profile}", *(["-D", "timing=strict"] if liar in self.strict else [])]
        if everything or beside:
            red, green = behave(folder, self.name, None if everything else caught.first | beside, *more)
        else:
            # One row of an outline that is red shows it; the others would take as long again.
            runs = [behave(folder, self.name, {each}, "--stop", *more) for each in sorted(caught.first)]
            red, green = (set[str]().union(*found) for found in zip(*runs, strict=True))
        return Verdict(liar, self.breaks[liar], sorted(caught.first), sorted(caught.all or red), sorted(red), sorted(green))


@cache
def warm() -> Warm:
    """The process that has loaded what a run needs; ended with this one."""
    made = Warm()
    atexit.register(made.close)
    return made


def features_with(slice_name: str, ids: Iterable[str] | None) -> list[str]:
    """The files in which these scenarios stand: the rows of all outlines of a slice take long to make. None: all."""
    if ids is None:
        return [f"features/{slice_name}"]
    paths = sorted((ROOT / "features" / slice_name).glob("*.feature"))
    tags = {path: set(TAG.findall(path.read_text(encoding="utf-8"))) for path in paths}
    return [str(path.relative_to(ROOT)) for path in paths if not tags[path].isdisjoint(ids)]


def behave(
    folder: Path, slice_name: str, ids: Iterable[str] | None, *more: str, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> tuple[set[str], set[str]]:
    """Run the slice, or the scenarios `ids` of it; which were red and which were green."""
    tags = [f"--tags={' or '.join(f'@{each}' for each in sorted(ids))}"] if ids is not None else ["--tags=not @slow"]
    argv = ["-D", f"reports={folder / 'reports'}", *more, *tags, *features_with(slice_name, ids)]
    limit = LIMIT * (1 if ids else 5)
    if cwd == ROOT:
        warm().run(argv, os.environ | (env or {}), limit)
    else:
        subprocess.run([BEHAVE, *argv], cwd=cwd, env=os.environ | (env or {}), capture_output=True, text=True, timeout=limit)
    status = {scenario["id"]: scenario["status"] for scenario in report_in(folder)["scenarios"]}
    red = {each.partition(".")[0] for each, word in status.items() if word in ("failed", "error")}
    green = {each.partition(".")[0] for each, word in status.items() if word == "passed"} - red
    return red, green


def report_in(folder: Path) -> dict:
    """What the last run in this folder reported."""
    return json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))
