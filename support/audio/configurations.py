"""Configurations that make no sense, in the words of the feature files."""

import re
from collections.abc import Callable, Sequence

from support.audio.stage_words import parse_chain
from support.kit.errors import DeclinedError

Config = dict[str, object]
NOBODY = "reverb"
"""A stage that no pipeline has by the contract."""


def bad_configuration(phrase: str, stages: Sequence[str]) -> Config:
    """The configuration that `phrase` describes, of stages that the target has.

    Also a stage in words, with a value beyond its range. DeclinedError where it has too few of them, ValueError for a phrase
    that nobody knows.
    """
    for pattern, make in _KNOWN:
        if match := pattern.fullmatch(phrase):
            return make(list(stages), *match.groups())
    return parse_chain(phrase).told()


def _some(stages: Sequence[str], count: int) -> list[str]:
    if len(stages) < count:
        raise DeclinedError(f"the target has {len(stages)} stages, and this takes {count}")
    return list(stages[:count])


def _map(names: Sequence[str], **fields: object) -> Config:
    return {name: {"enabled": True, "parameters": {}} | fields for name in names}


def _connections(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"source_stage_id": source, "target_stage_id": target} for source, target in pairs]


def _unknown_stage(_: Sequence[str]) -> Config:
    return {"stages": _map([NOBODY]), "connections": []}


def _cycle(stages: Sequence[str], count: str) -> Config:
    names = _some(stages, int(count))
    return {"stages": _map(names), "connections": _connections(*zip(names, [*names[1:], names[0]], strict=True))}


def _cycle_beside(stages: Sequence[str]) -> Config:
    one, two, three, four = names = _some(stages, 4)
    return {"stages": _map(names), "connections": _connections((one, two), (three, four), (four, three))}


def _dangling_source(stages: Sequence[str]) -> Config:
    one, two, missing = _some(stages, 3)
    return {"stages": _map([one, two]), "connections": _connections((one, two), (missing, two))}


def _dangling_target(stages: Sequence[str]) -> Config:
    one, two, missing = _some(stages, 3)
    return {"stages": _map([one, two]), "connections": _connections((one, two), (two, missing))}


def _gain(stages: Sequence[str], side: str, value: str) -> Config:
    return {"stages": _map(_some(stages, 1), **{f"gain_{side}": float(value)}), "connections": []}


def _word_for_gain(stages: Sequence[str], side: str) -> Config:
    return {"stages": _map(_some(stages, 1), **{f"gain_{side}": "loud"}), "connections": []}


_KNOWN: list[tuple[re.Pattern[str], Callable[..., Config]]] = [
    (re.compile(pattern), make)
    for pattern, make in (
        (r"a stage that nobody knows", _unknown_stage),
        (r"a cycle of (\d+) stages?", _cycle),
        (r"a cycle beside an honest chain", _cycle_beside),
        (r"a connection from a stage that is not there", _dangling_source),
        (r"a connection to a stage that is not there", _dangling_target),
        (r"a gain (in|out) of (-?[\d.]+) dB", _gain),
        (r"a gain (in|out) that is a word", _word_for_gain),
    )
]
