"""A hub run by somebody who mistypes one of its arguments."""

from support.toggle.driver import run_by_hand
from support.toggle.world import Run, ToggleWorld


def run_mistyped(world: ToggleWorld, argument: str, value: str) -> Run:
    """Run the hub for the scenario's bulb with `value` for one argument: port, state or attempts.

    LookupError for an argument that nobody types.
    """
    bulb = world.bulb
    match argument:
        case "port":
            return run_by_hand(world, bulb, port=value)
        case "state":
            return run_by_hand(world, bulb, state=value)
        case "attempts":
            return run_by_hand(world, bulb, attempts=value)
    raise LookupError(f"nobody mistypes {argument!r}")
