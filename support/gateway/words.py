"""Words of the feature files that stand for values: the parameter types of the gateway's steps."""

from collections.abc import Callable

from parse import with_pattern

from support.gateway.conditions import parse_conditions
from support.gateway.party import parse_party
from support.gateway.texts import TEXTS, text_of

WAY = r"says goodbye|loses its link|goes without a word|breaks the link off|resets the link"
TROUBLE = r"(?:resets|hangs up|answers with|takes|is paused|is stopped)(?: (?!again|until)[\w.]+)*"
TOOL = r"the fast tool|the slow tool|the failing tool|the provider's tool|no tool"
REQUEST = (
    r"a tool that is not|the fast tool(?: by a name in capitals)?|the failing tool"
    r"|the echo without its text|the echo with a list for its text|the slow tool for \"soon\""
)
BAD = (
    r"words that are no frame|an empty frame|half a request|a list around a request|a lone number"
    r"|a request .*|a request id of .*|lists in lists.*"
)
PARTY = r"a connected client|a client behind a link|a client|[\d,]+ clients|clients \"\w+\" and \"\w+\"(?:, each behind a link)?"


def parse_count(text: str) -> int:
    """`65,536`: the number."""
    return int(text.replace(",", ""))


def parse_confirmed(text: str) -> bool:
    """`confirmed` or `declined`."""
    return text == "confirmed"


def _kind(pattern: str, convert: Callable[[str], object] = str) -> Callable[[str], object]:
    typed: Callable[[str], object] = with_pattern(pattern)(lambda text: convert(text))
    return typed


TYPES: dict[str, Callable[[str], object]] = {
    "Said": _kind(r"[^\"]*"),
    "Count": _kind(r"\d{1,3}(?:,\d{3})+|\d+", parse_count),
    "Way": _kind(WAY),
    "Text": _kind("|".join([*TEXTS, r"[\d,]+ letters"]), text_of),
    "Trouble": _kind(TROUBLE),
    "Tool": _kind(TOOL),
    "Mistaken": _kind(REQUEST),
    "Bad": _kind(BAD),
    "Confirmed": _kind("confirmed|declined", parse_confirmed),
    "Conditions": _kind(r"(?:that|with|without|whose|which)\b.*", parse_conditions),
    "Party": _kind(PARTY, parse_party),
}
