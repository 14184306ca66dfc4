"""The pipeline's liars: the reference with one lie each."""

import sys

from red import RedSlice

from support.audio.agreement import DEFAULTS
from support.audio.caught_by import CAUGHT_BY
from support.audio.liars import LIARS

PROFILE = """\
audio:
  kind: command
  version: liar
  argv: [{python}, -m, support.audio.liars, {liar}, "--port={{port}}"]
  ready: {{url: "http://127.0.0.1:{{port}}/api/health"}}
  settings: {{{settings}, token: ["--token-file={{token_file}}"]}}
"""


def profile(liar: str) -> str:
    settings = ", ".join(f'{name}: ["--{name.replace("_", "-")}={{value}}"]' for name in DEFAULTS)
    return PROFILE.format(python=sys.executable, liar=liar, settings=settings)


RED = RedSlice(
    name="audio",
    breaks={name: liar.breaks for name, liar in LIARS.items()},
    caught_by=CAUGHT_BY,
    profile=profile,
    beside=frozenset(),
    strict=frozenset(
        {"every_chunk_slow", "every_tenth_chunk_slow", "every_chunk_a_little_slow", "pause_after_a_while", "memory_grows"}
    ),
    least=20,
)
