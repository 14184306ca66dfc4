"""Who is there when a scenario begins, in the words of the feature files."""

import re
from dataclasses import dataclass

THE_CLIENT = "the client"
_SEVERAL = re.compile(r"([\d,]+) clients")
_PAIR = re.compile(r'clients "(\w+)" and "(\w+)"')


@dataclass(frozen=True)
class Party:
    """Who is there: named clients, or so many that nobody names. `behind_links`: each named one has a link of its own."""

    names: tuple[str, ...] = ()
    count: int = 0
    behind_links: bool = False


def parse_party(text: str) -> Party:
    """`a client`, `5 clients`, `clients "Ada" and "Ben", each behind a link`."""
    linked = "behind a link" in text
    if match := _PAIR.match(text):
        return Party(match.groups(), behind_links=linked)
    if match := _SEVERAL.fullmatch(text):
        return Party(count=int(match[1].replace(",", "")))
    return Party((THE_CLIENT,), behind_links=linked)
