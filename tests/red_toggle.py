"""The toggle's liars: hubs that are the reference with one lie, and bulbs that the suite itself would lie with."""

import sys
from functools import partial
from pathlib import Path

import lying_bulbs
from red import ROOT, RedSlice, Verdict, behave

from support.toggle.caught_by import CAUGHT_BY
from support.toggle.liars import LIARS

BESIDE = frozenset({"TGL-01", "TGL-13", "TGL-50"})
PROFILE = """\
toggle:
  kind: command
  argv: [{python}, -m, support.toggle.liars, {liar}, toggle, "--device-id={{device_id}}", "--device-host={{device_host}}",
    "--device-port={{device_port}}", "--state={{state}}", "--max-attempts={{max_attempts}}",
    "--metrics-port={{metrics_port}}", {times}]
  serve_argv: [{python}, -m, support.toggle.liars, {liar}, serve, "--metrics-port={{metrics_port}}", {times}]
  settings: {{backoff_base: [--backoff-base, "{{value}}"], backoff_cap: [--backoff-cap, "{{value}}"]}}
  capabilities: [{capabilities}]
  timeouts: {{connect: 0.3, io: 0.6}}
  backoff: {{base: 0.1, cap: 0.4, jitter: 0.1}}
"""
TIMES = '"--connect-timeout=0.3", "--io-timeout=0.6", "--backoff-base=0.1", "--backoff-cap=0.4", "--jitter=0.1"'
CLAIMS = ["metrics", "settings", "same_msg_id", "strict_ack", "logs", "serve"]


def profile(liar: str) -> str:
    return PROFILE.format(python=sys.executable, liar=liar, times=TIMES, capabilities=", ".join(CLAIMS))


def judge_bulb(bulb: type, folder: Path, everything: bool) -> Verdict:
    """The same features in a folder whose composition root puts the lying bulb in the place of the honest one."""
    for part in ("features", "steps", "support", "targets", "behave.ini"):
        (folder / part).symlink_to(ROOT / part)
    (folder / "environment.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        f"import lying_bulbs, support.toggle.world\nsupport.toggle.world.Bulb = lying_bulbs.{bulb.__name__}\n"
        + (ROOT / "environment.py").read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    named = lying_bulbs.LIARS[bulb]
    red, green = behave(folder, "toggle", None if everything else named | BESIDE, cwd=folder)
    return Verdict(f"bulb: {bulb.__name__}", bulb.__doc__ or "", sorted(named), sorted(named), sorted(red), sorted(green))


RED = RedSlice(
    name="toggle",
    breaks={name: liar.breaks for name, liar in LIARS.items()},
    caught_by=CAUGHT_BY,
    profile=profile,
    beside=BESIDE,
    strict=frozenset(),
    least=15,
    others={bulb.__name__: partial(judge_bulb, bulb) for bulb in lying_bulbs.LIARS},
    other_ids={bulb.__name__: ids for bulb, ids in lying_bulbs.LIARS.items()},
)
