"""The figures that a monitoring program reads, as Prometheus text."""

import re
from collections import Counter

from support.audio import protocol
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError
from support.kit.metrics import ScrapeError, parse

KINDS = {"counter", "gauge", "histogram", "summary", "untyped"}
"""Prometheus exposition format 0.0.4: what a name may be."""


def read(world: AudioWorld) -> None:
    """Read them. PromiseBrokenError where the pipeline has none."""
    answer = world.pipeline.rest.raw("GET", protocol.METRICS)
    world.answers.append(answer)
    if answer.code != 200:
        raise PromiseBrokenError("a monitoring program reads the pipeline's figures", str(answer))


def require_form(text: str) -> None:
    """There are figures, and they are in the agreed form: each series once, each name with one kind at most."""
    promised = "the figures are in the form that monitoring programs have agreed on"
    try:
        series = parse(text)
    except ScrapeError as error:
        raise PromiseBrokenError(promised, str(error)) from error
    if not re.search(r"^[^#\s]", series.text, re.MULTILINE):
        raise PromiseBrokenError(promised, "there is no figure")
    kinds = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    twice = [name for name, count in Counter(name for name, _ in kinds).items() if count > 1]
    unknown = [f"{name} {kind}" for name, kind in kinds if kind not in KINDS]
    if twice or unknown:
        raise PromiseBrokenError(promised, f"twice: {twice}, of a kind that is none: {unknown}")
