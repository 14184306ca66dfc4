"""Whether a selected scenario may run: @wip and @needs.*; what a step declines later (`DeclinedError`) counts the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from support.kit.slice import Target
from support.report.records import Outcome
from support.run.errors import NeedMissingError, RunRefusedError
from support.run.probes import MACHINE_NEEDS, machine_missing

NEEDS = "needs."


@dataclass(frozen=True)
class Gate:
    """A scenario stays out. outcome is SKIPPED, or DECLINED when it is the target that does not offer something."""

    outcome: Outcome
    reason: str


def wip_gate(tags: Iterable[str], asked_for: str) -> Gate | None:
    """@wip is not run unless the tag expression of the run (`asked_for`) speaks of it."""
    if "wip" in tags and "wip" not in asked_for:
        return Gate(Outcome.SKIPPED, "work in progress (@wip)")
    return None


def needs_gate(tags: Iterable[str], target: Target, *, strict: bool) -> Gate | None:
    """The first need that is missing.

    NeedMissingError: the machine lacks something and the run is strict. RunRefusedError: nobody knows such a need.
    """
    for need in sorted(tag.removeprefix(NEEDS) for tag in tags if tag.startswith(NEEDS)):
        if need in MACHINE_NEEDS:
            reason = machine_missing(need)
            if reason is not None and strict:
                raise NeedMissingError(f"needs {need}: {reason} (a strict run does not skip)")
            outcome = Outcome.SKIPPED
        else:
            reason, outcome = _ask(target, need), Outcome.DECLINED
        if reason is not None:
            return Gate(outcome, f"needs {need}: {reason}")
    return None


def _ask(target: Target, need: str) -> str | None:
    try:
        return target.missing(need)
    except LookupError as error:
        known = ", ".join(MACHINE_NEEDS)
        raise RunRefusedError(f"unknown need @{NEEDS}{need}: {error} (machine: {known})") from error
