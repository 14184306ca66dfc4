"""The gateway's liars: the reference with one lie each."""

import sys

from red import RedSlice

from support.gateway.agreement import SETTINGS
from support.gateway.caught_by import CAUGHT_BY
from support.gateway.liars import LIARS

PROFILE = """\
gateway:
  kind: command
  argv: [{python}, -m, support.gateway.liars, {liar}, "--port={{port}}", "--metrics-port={{metrics_port}}",
    "--token-file={{token_file}}", "--provider=a={{provider_a}}", "--provider=b={{provider_b}}"]
  settings: {{{settings}}}
"""


def profile(liar: str) -> str:
    settings = ", ".join(f'{name}: ["--{name.replace("_", "-")}={{value}}"]' for name in SETTINGS)
    return PROFILE.format(python=sys.executable, liar=liar, settings=settings)


RED = RedSlice(
    name="gateway",
    breaks={name: liar.breaks for name, liar in LIARS.items()},
    caught_by=CAUGHT_BY,
    profile=profile,
    beside=frozenset({"GWY-01", "GWY-32"}),
    strict=frozenset({"memory_grows", "greedy_connections"}),
    least=20,
)
