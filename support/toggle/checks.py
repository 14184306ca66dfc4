"""What steps promise about bulbs, frames and commands. Each raises PromiseBrokenError with what was promised and seen."""

from collections.abc import Sequence

from support.kit.deadline import steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.promises import require
from support.toggle.bulb import Bulb
from support.toggle.hub import Outcome
from support.toggle.protocol import Frame
from support.toggle.world import ToggleWorld


def statable(bulb: Bulb) -> str:
    """The bulb's name for a statement of `require`: braces in it are no places."""
    return bulb.name.replace("{", "{{").replace("}", "}}")


def result(acknowledged: bool) -> str:
    return "success" if acknowledged else "failure"


def require_result(outcomes: Sequence[Outcome], wanted: str) -> None:
    """Every one of the commands ended in `wanted` (success or failure)."""
    if not outcomes:
        raise VoidError("no command has ended")
    seen = [result(outcome.acknowledged) for outcome in outcomes]
    if set(seen) != {wanted}:
        found = (
            seen[0]
            if len(seen) == 1
            else f"{seen.count(wanted)} of {len(seen)}, the first other one for command {_first_other(seen, wanted)}"
        )
        raise PromiseBrokenError(f"the hub reports {wanted}", found)


def _first_other(seen: Sequence[str], wanted: str) -> int:
    return next(number for number, word in enumerate(seen, start=1) if word != wanted)


def lamp(lit: bool) -> str:
    return "on" if lit else "off"


def tally(bulb: Bulb) -> str:
    """`2 connections and 1 frame`, as feature files say it."""
    return f"{_counted(len(bulb.visits), 'connection')} and {_counted(len(bulb.frames), 'frame')}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def require_steady_tally(bulb: Bulb, wanted: str, seconds: float) -> None:
    """The bulb has seen `wanted` and nothing is added for `seconds`."""
    steadily(
        lambda: tally(bulb),
        lambda seen: seen == wanted,
        seconds,
        f"for {seconds:g} s the bulb has seen {wanted}",
        describe=str,
    )


def require_asked(bulb: Bulb, times: int) -> None:
    """The hub has made exactly `times` attempts to reach the bulb."""
    require(f"{statable(bulb)} is asked exactly {{}} times", times, bulb.asked)


def only_frame(bulb: Bulb) -> Frame:
    """The one frame of a bulb that was asked once. PromiseBrokenError for none or several."""
    if len(bulb.frames) != 1:
        raise PromiseBrokenError(
            "the bulb receives one well-formed frame", f"{len(bulb.frames)}, and refused {len(bulb.refused)}"
        )
    return bulb.frames[0]


def require_nothing_after(bulb: Bulb) -> None:
    """No byte followed the frame on its connection."""
    surplus = b"".join(visit.surplus for visit in bulb.visits)
    if surplus:
        raise PromiseBrokenError(
            "nothing follows the frame on its connection", f"{len(surplus)} more bytes: {surplus[:60].hex(' ')}"
        )


def message_ids(bulb: Bulb) -> list[str]:
    return [frame.message.msg_id for frame in bulb.frames]


def require_ids_not_shared(world: ToggleWorld) -> None:
    """No message id occurs in the attempts of two commands. The bulb meets the attempts command by command."""
    ids, per_command = message_ids(world.bulb), world.attempts
    if len(ids) != per_command * len(world.outcomes):
        raise PromiseBrokenError(f"each of {len(world.outcomes)} commands asks {per_command} times", f"{len(ids)} frames")
    commands = [set(ids[start : start + per_command]) for start in range(0, len(ids), per_command)]
    if len(set().union(*commands)) != sum(map(len, commands)):
        raise PromiseBrokenError("no two commands share a message id", "; ".join(", ".join(sorted(each)) for each in commands))


def require_struck(world: ToggleWorld, connections: int) -> None:
    """The link's fault took effect on exactly `connections` connections. VoidError for fewer: it never struck."""
    assert world.link is not None, "only scenarios with a link say this"
    if world.link.injected() > connections:
        raise PromiseBrokenError(f"the hub meets the faulty link {connections} times", f"{world.link.injected()} times")
    if world.link.injected() < connections:
        raise VoidError(f"the link was to be at fault on {connections} connections and was on {world.link.injected()}")


def require_refused(bulb: Bulb, reason: str, refused: int, obeyed: int) -> None:
    """The bulb has refused `refused` frames, all for `reason`, and acted upon `obeyed`."""
    require("the bulb refuses frames for {}", [reason] * refused, [error.reason for error in bulb.refused])
    require("the bulb obeys {} frames", obeyed, len(bulb.told))
