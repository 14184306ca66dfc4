"""The pipeline's liars: the reference with one lie each."""

import sys

from red import ROOT, RedSlice

from support.audio.caught_by import CAUGHT_BY
from support.audio.liars import LIARS

SETTINGS = ("max_sessions", "idle_timeout", "max_chunk", "max_frame")
PROFILE = """\
audio:
  kind: command
  version: liar
  argv: [{python}, -m, support.audio.liars, {liar}, "--port={{port}}"]
  env: {{PYTHONPATH: {root}}}
  ready: {{url: /api/health}}
  settings: {{{settings}, token: ["--token-file={{token_file}}"]}}
"""


def profile(liar: str) -> str:
    settings = ", ".join(f'{name}: ["--{name.replace("_", "-")}={{value}}"]' for name in SETTINGS)
    return PROFILE.format(python=sys.executable, liar=liar, root=ROOT, settings=settings)


RED = RedSlice(
    name="audio",
    breaks={name: liar.breaks for name, liar in LIARS.items()},
    caught_by=CAUGHT_BY,
    profile=profile,
    beside=frozenset(),
    strict=frozenset(),
    least=20,
)
