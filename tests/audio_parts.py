"""Parts for tests of what the suite does to audio pipelines: a little pipeline that is real, targets, worlds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.audio.target import CAPABILITIES, AudioTarget
from support.audio.world import AudioWorld, open_world
from support.kit.errors import PromiseBrokenError
from support.kit.evidence import Evidence, Redactor
from support.kit.latency import Samples
from support.kit.slice import RunSettings
from support.kit.verdict import tell_steps

LITTLE = str(Path(__file__).with_name("little_pipeline.py"))
PATIENCE = 3.0
IN_FILE = ("--token-file={token_file}",)


def broken(match: str):
    """The promise is broken, and told so: `match` is looked for in promised and seen."""
    return pytest.raises(PromiseBrokenError, match=match)


def little(*more: str, **others) -> AudioTarget:
    """A little pipeline that the suite starts; `more` are its arguments."""
    settings = {"max_sessions": ("--max-sessions={value}",), "token": IN_FILE}
    told = {"capabilities": frozenset(CAPABILITIES), "stages": ("vad", "limiter"), "settings": settings, "start_timeout": 15.0}
    return AudioTarget("audio little", "1", "command", argv=(sys.executable, LITTLE, "--port={port}", *more), **(told | others))


@contextmanager
def world_of(target: AudioTarget, folder: Path, *, well: bool = True, number: int = 1) -> Iterator[AudioWorld]:
    """A world for one scenario, ended as the runner ends it. well: its steps went well, as far as the runner knows."""
    evidence = Evidence(folder / "evidence" / "audio" / f"AUD-{number}", Redactor())
    world = open_world(target, RunSettings(patience=PATIENCE), evidence, Samples())
    tell_steps(went_well=False)
    try:
        try:
            yield world
            tell_steps(went_well=well)
            world.audit()
        finally:
            world.close()
    finally:
        evidence.close()


def wire_of(world: AudioWorld) -> str:
    """The wire trace, as it is in the evidence."""
    return (world.evidence.folder / "wire.jsonl").read_text()
