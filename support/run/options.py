"""The `-D name=value` options of a run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.kit.slice import RunSettings
from support.run.errors import RunRefusedError

KNOWN = {
    "targets": "a profile in YAML, default targets/reference.yaml",
    "strict": "yes: a missing need fails instead of skipping (CI)",
    "patience": "factor for start-up times, default 1",
    "timing": "strict: a missed bound of time fails instead of warning",
    "step_limit": "seconds that one step may take, default 60",
    "reports": "the folder for the reports, default reports",
}
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True)
class RunOptions:
    """targets and reports are absolute paths; reports is None where it was not given."""

    targets: Path
    reports: Path | None
    settings: RunSettings

    def as_json(self, root: Path) -> dict[str, str | float | bool]:
        shown = self.targets.relative_to(root) if self.targets.is_relative_to(root) else self.targets
        return {
            "targets": str(shown),
            "strict": self.settings.strict,
            "patience": self.settings.patience,
            "timing": "strict" if self.settings.timing_strict else "warn",
            "step_limit": self.settings.step_limit,
        }


def parse_options(given: Mapping[str, str], root: Path) -> RunOptions:
    """Paths are relative to the current folder, as a shell completes them. RunRefusedError lists all that is wrong."""
    wrong: list[str] = []
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        known = "\n".join(f"  {name}: {meaning}" for name, meaning in KNOWN.items())
        wrong.append(f"unknown option {', '.join(f'-D {name}' for name in unknown)}; known are\n{known}")
    strict = _choice(given, "strict", _YES, _NO, wrong)
    timing_strict = _choice(given, "timing", ("strict",), ("warn",), wrong)
    patience = _number(given, "patience", 1.0, wrong)
    step_limit = _number(given, "step_limit", 60.0, wrong)
    if wrong:
        raise RunRefusedError("\n".join(wrong))
    return RunOptions(
        targets=Path(given["targets"]).expanduser().absolute() if "targets" in given else root / "targets/reference.yaml",
        reports=reports_option(given),
        settings=RunSettings(patience, strict, timing_strict, step_limit),
    )


def reports_option(given: Mapping[str, str]) -> Path | None:
    """The folder for the reports, which is needed even to report that another option is wrong."""
    text = given.get("reports", "").strip()
    return Path(text).expanduser().resolve() if text else None


def _choice(given: Mapping[str, str], name: str, yes: tuple[str, ...], no: tuple[str, ...], wrong: list[str]) -> bool:
    text = given.get(name, no[0]).strip().lower()
    if text not in yes + no:
        wrong.append(f"-D {name}={given[name]}: must be {yes[0]} or {no[0]}")
    return text in yes


def _number(given: Mapping[str, str], name: str, default: float, wrong: list[str]) -> float:
    text = given.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        wrong.append(f"-D {name}={text}: must be a number above 0")
    return value
