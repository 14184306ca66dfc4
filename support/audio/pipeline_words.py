"""How a scenario wants its pipeline, in the words of the feature files: `that takes at most 3 sessions`."""

import re
from dataclasses import dataclass, field

from support.audio.stage_words import parse_stages

PATTERN = r"(?:that takes at most|that ends a session|that has|with a token|with at least).*"


@dataclass
class Conditions:
    """What was asked for. settings: by the contract's names. token: nobody gets in without. log: it must be there to be read.

    stages: those that it must have. least_stages: and how many at least.
    """

    settings: dict[str, str] = field(default_factory=dict)
    token: bool = False
    log: bool = False
    stages: tuple[str, ...] = ()
    least_stages: int = 0


def parse_conditions(text: str) -> Conditions:
    """ValueError for what is not known."""
    if match := re.fullmatch(r"that takes at most (\d+) sessions", text):
        return Conditions({"max_sessions": match[1]})
    if match := re.fullmatch(r"that ends a session that nobody uses after ([\d.]+) s", text):
        return Conditions({"idle_timeout": match[1]})
    if match := re.fullmatch(r"with a token(, whose log can be read)?", text):
        return Conditions(token=True, log=match[1] is not None)
    if match := re.fullmatch(r"with at least (\d+) stages", text):
        return Conditions(least_stages=int(match[1]))
    if match := re.fullmatch(r"that has (.+)", text):
        return Conditions(stages=tuple(wish.stage for wish in parse_stages(match[1])))
    raise ValueError(f"no pipeline is known {text!r}")
