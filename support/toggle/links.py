"""The link between hub and bulb: the kit's proxy, with faults in the words of the feature files."""

import re
from collections.abc import Callable

from support.kit.proxy import PASS, Fault, Proxy
from support.toggle.bulb import HOST
from support.toggle.world import ToggleWorld

NUMBER = r"([\d.]+)"


def _wavering(low: str, high: str) -> Fault:
    return Fault(latency=float(low), jitter=float(high) - float(low))


ALWAYS: dict[str, Callable[..., Fault]] = {
    rf"delays everything by {NUMBER} s": lambda seconds: Fault(latency=float(seconds)),
    rf"delays everything by {NUMBER} s to {NUMBER} s": _wavering,
    r"passes (\d+) bytes in a second": lambda rate: Fault(bandwidth=int(rate)),
    r"delivers (\d+) byte at a time": lambda size: Fault(slice=int(size)),
    r"is cut after (\d+) bytes of every frame": lambda count: Fault(cut_up_after=int(count)),
    r"swallows everything": lambda: Fault(black_hole=True),
}
FIRST: dict[str, Callable[..., Fault]] = {
    r"is cut after (\d+) bytes of the first frame": lambda count: Fault(cut_up_after=int(count)),
    r"is cut after (\d+) bytes of the first answer": lambda count: Fault(cut_down_after=int(count)),
    r"swallows everything on the first connection": lambda: Fault(black_hole=True),
    r"spoils byte (\d+) of the first frame": lambda number: Fault(corrupt_up_at=int(number)),
    r"spoils byte (\d+) of the first answer": lambda number: Fault(corrupt_down_at=int(number)),
}


def open_link(world: ToggleWorld, phrase: str) -> Proxy:
    """Put a link that behaves as `phrase` says before the scenario's bulb. ValueError for an unknown phrase."""
    first, always = _found(FIRST, phrase), _found(ALWAYS, phrase)
    if first is None and always is None:
        raise ValueError(f"no link is known that {phrase!r}")
    link = Proxy(world.loop, (HOST, world.bulb.port), wire=world.wire)
    world.link = world.resources.enter_context(link)
    if first is not None:
        link.script([first])
    if always is not None:
        link.use(always)
    return link


def heal(world: ToggleWorld) -> None:
    """Let the link pass everything again."""
    assert world.link is not None, "only scenarios with a link say this"
    world.link.use(PASS)


def _found(faults: dict[str, Callable[..., Fault]], phrase: str) -> Fault | None:
    for pattern, make in faults.items():
        if match := re.fullmatch(pattern, phrase):
            return make(*match.groups())
    return None
