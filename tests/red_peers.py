"""The chargers' liars: the reference node, or the reference board, with one lie each.

Two of them meet more than one machine at home can do each time: one runs in containers, on a private network, where there is an
engine; and one is met by the long day with `--every-scenario` only.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from red import ROOT, RedSlice, Verdict, behave

from support.kit import engine
from support.kit.images import build
from support.peers.caught_by import CAUGHT_BY
from support.peers.images import NODE_NEEDS, PARTS
from support.peers.liars import BY_SUBJECT, LIARS
from support.peers.lie import BOARD, NODE
from support.peers.sections import CAPABILITIES
from support.peers.timings import REFERENCE, REFERENCE_STATUS

PROFILE = """\
peers:
  kind: command
  version: liar
  runtime: {runtime}
  capabilities: [{capabilities}]
  timings: {{discovery: {discovery:g}, heartbeat: {heartbeat:g}, allocation: {allocation:g}}}
  {lying}: {{argv: {argv}, env: {{PYTHONPATH: {root}}}{more}}}
"""
TIMINGS = vars(REFERENCE)
FAST = (
    f"--discovery-interval={REFERENCE.discovery:g}", f"--allocation-interval={REFERENCE.allocation:g}",
    f"--shortest-heartbeat={REFERENCE.heartbeat:g}", f"--status-interval={REFERENCE_STATUS:g}",
)  # fmt: skip
WORDS = ("--rapi-serial={pty}", "--set-config=www_http_port={port}", "--set-config=hostname={hostname}", *FAST)
ON_A_NETWORK, ALL_DAY = "sees_nobody", "asleep_but_drawing"
NETWORK = frozenset({"PEE-150", "PEE-151", "PEE-152", "PEE-153"})
LONG_DAY = frozenset({"PEE-160"})


def profile(liar: str, image: str = "") -> str:
    is_board = LIARS[liar].package == BOARD
    argv = [sys.executable, "-m", "support.peers.liars", liar, *(() if is_board else WORDS)]
    return PROFILE.format(
        runtime="auto" if image else "process", capabilities=", ".join(CAPABILITIES), lying="emulator" if is_board else "node",
        argv=json.dumps(argv), root=ROOT, more=f", image: {image}" if image else "", **TIMINGS,
    )  # fmt: skip


def image_of(liar: str, folder: Path) -> str:
    """The reference's image with the liar in the place of its program."""
    peers, kit = ROOT / "support" / "peers", ROOT / "support" / "kit"
    entry = json.dumps(["python3", "-m", "support.peers.liars", liar, "--interface=0.0.0.0", *FAST])
    honest = (peers / "reference" / NODE.rpartition(".")[2] / "Dockerfile").read_text(encoding="utf-8")
    (folder / "Dockerfile").write_text(f"{honest}ENTRYPOINT {entry}\nCMD []\n", encoding="utf-8")
    parts = [*PARTS, "lie.py", "liars.py", *(f"{module.__name__.rpartition('.')[2]}.py" for module in BY_SUBJECT)]
    files = {f"support/peers/{part}": peers / part for part in parts}
    return build("lying-node", folder / "Dockerfile", files | {"support/kit/liar.py": kit / "liar.py"}, NODE_NEEDS)


def meet(folder: Path, liar: str, where: str, profile: str, ids: Iterable[str], named: Iterable[str]) -> Verdict:
    """The scenarios `ids`, all of which are to find it, meet the liar. `where`: what is said of that."""
    (folder / "liar.yaml").write_text(profile, encoding="utf-8")
    red, green = behave(folder, "peers", ids, "-D", f"targets={folder / 'liar.yaml'}")
    return Verdict(f"{liar}, {where}", LIARS[liar].breaks, sorted(ids), sorted({*ids, *named}), sorted(red), sorted(green))


def meet_on_a_network(folder: Path, everything: bool) -> Verdict:
    lying = profile(ON_A_NETWORK, image_of(ON_A_NETWORK, folder))
    return meet(folder, ON_A_NETWORK, "on a network", lying, NETWORK if everything else {"PEE-150"}, NETWORK)


def meet_all_day(folder: Path, everything: bool) -> Verdict:
    return meet(folder, ALL_DAY, "all day", profile(ALL_DAY), LONG_DAY if everything else {"PEE-15"}, LONG_DAY)


RED = RedSlice(
    name="peers",
    breaks={name: liar.breaks for name, liar in LIARS.items()},
    caught_by=CAUGHT_BY,
    profile=profile,
    beside=frozenset(),
    strict=frozenset({"ready_late"}),
    least=40,
    others={
        f"{ALL_DAY}_all_day": meet_all_day,
        **({} if engine.missing() else {f"{ON_A_NETWORK}_on_a_network": meet_on_a_network}),
    },
    other_ids={f"{ALL_DAY}_all_day": set(LONG_DAY), f"{ON_A_NETWORK}_on_a_network": set(NETWORK)},
)
