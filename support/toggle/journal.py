"""What steps promise about a hub that somebody ran by hand: its exit code and its log."""

from collections.abc import Sequence

from support.kit.errors import PromiseBrokenError
from support.kit.promises import require
from support.toggle import records
from support.toggle.bulb import Bulb
from support.toggle.checks import message_ids
from support.toggle.world import Run, ToggleWorld

LOG_CLOCK_STEP = 1.0
"""Milliseconds by which a hub's stop-watch may disagree."""


def require_one_line(run: Run) -> None:
    """The hub's complaint is one line of text."""
    lines = [line for line in run.log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if len(lines) != 1:
        raise PromiseBrokenError("the complaint is one line", f"{len(lines)} lines: {' | '.join(lines)[:400]}")


def require_one_command(log: Sequence[records.Record], bulb: Bulb) -> None:
    """The records about attempts share the bulb's name and carry the message ids that the bulb saw.

    Each has a correlation id, and there are no more of those than attempts: one for each line would tie nothing together.
    """
    require("the records name the bulb {!r}", bulb.name, records.shared(log, "device_id"))
    logged = {str(record.get("msg_id")) for record in records.of_attempts(log) if record.get("msg_id") not in (None, "")}
    require("the records carry the message ids {}", sorted(set(message_ids(bulb))), sorted(logged))
    ties = {str(record.get("correlation_id") or "") for record in records.of_attempts(log)}
    attempts = len(records.attempts(log))
    if "" in ties or len(ties) > attempts:
        raise PromiseBrokenError(
            f"1 to {attempts} correlation ids tie the records together", f"{len(ties)}: {', '.join(sorted(ties))}"
        )


def require_time_logged(world: ToggleWorld, least_ms: float) -> None:
    """A record tells of at least `least_ms` milliseconds, and none of more than the whole run took."""
    times = records.elapsed(records.read(world.run.log))
    longest = max(times, default=0.0)
    if not least_ms - LOG_CLOCK_STEP <= longest <= world.run.seconds * 1000:
        raise PromiseBrokenError(
            f"a record tells of {least_ms:g} ms to {world.run.seconds * 1000:.0f} ms", f"at most {longest:g} ms"
        )


def require_different_outcomes(runs: Sequence[Run]) -> None:
    """Each run's log names outcomes that no other run's log names in the same combination."""
    named = {run.bulb.name: frozenset(records.outcomes(records.read(run.log))) for run in runs}
    for run in runs:
        twins = [name for name, outcomes in named.items() if outcomes == named[run.bulb.name] and name != run.bulb.name]
        if twins:
            raise PromiseBrokenError(
                "the log tells different ends of a command apart",
                f"{run.bulb.name} and {twins[0]}: {', '.join(sorted(named[twins[0]]))}",
            )


def require_code(run: Run, code: int) -> None:
    """The hub ended with `code`."""
    if run.code != code:
        tail = run.log.read_text(encoding="utf-8", errors="replace")[-300:]
        raise PromiseBrokenError(f"the hub ends with code {code}", f"code {run.code}; its log ends: {tail or '(empty)'}")
