"""How a scenario wants its pipeline, in the words of the feature files: `that takes at most 3 sessions`."""

import re
from dataclasses import dataclass, field

PATTERN = r"(?:that takes at most|that ends a session|with a token).*"


@dataclass
class Conditions:
    """What was asked for. settings: by the contract's names. token: nobody gets in without. log: it must be there to be read."""

    settings: dict[str, str] = field(default_factory=dict)
    token: bool = False
    log: bool = False


def parse_conditions(text: str) -> Conditions:
    """ValueError for what is not known."""
    if match := re.fullmatch(r"that takes at most (\d+) sessions", text):
        return Conditions({"max_sessions": match[1]})
    if match := re.fullmatch(r"that ends a session that nobody uses after ([\d.]+) s", text):
        return Conditions({"idle_timeout": match[1]})
    if match := re.fullmatch(r"with a token(, whose log can be read)?", text):
        return Conditions(token=True, log=match[1] is not None)
    raise ValueError(f"no pipeline is known {text!r}")
