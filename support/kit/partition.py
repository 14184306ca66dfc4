"""A network that falls into parts: containers stop hearing each other, without losing their addresses or being told.

A rule in the network namespace of each container drops what comes from others (iptables(8), nsenter(1)). Needs root on Linux.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping

from support.kit.engine import telling, the_engine
from support.kit.errors import InfrastructureError

LIMIT = 10.0
"""Seconds for a rule to be set."""
TOOLS = ("nsenter", "iptables")


class PartitionError(InfrastructureError):
    """A rule could not be set or taken back."""


def missing_for_partition() -> str | None:
    """Why networks cannot be cut on this machine; None if they can."""
    if os.geteuid() != 0:
        return "a network can only be cut in parts by root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"{' and '.join(absent)} is not installed" if absent else None


class Partition:
    """`places`: container ids and their addresses. Whole when it is made; heal() makes it whole again."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._rules: list[tuple[str, str]] = []

    def part(self, halves: Iterable[Iterable[str]]) -> None:
        """Nobody hears anybody who is not in the same of `halves` (container ids), from now on."""
        groups = [set(half) for half in halves]
        for group in groups:
            for identity in sorted(group):
                for other in sorted(set().union(*groups) - group):
                    self._rule("-I", identity, self._places[other])
                    self._rules.append((identity, self._places[other]))

    def dropped(self) -> int:
        """Packets that were dropped so far by the rules that hold."""
        return sum(self._count(identity) for identity in sorted({identity for identity, _ in self._rules}))

    def heal(self) -> None:
        """All hear each other again. Nothing happens when nothing was parted."""
        while self._rules:
            self._rule("-D", *self._rules.pop())

    def _rule(self, what: str, identity: str, address: str) -> None:
        self._iptables(identity, what, "INPUT", "-s", address, "-j", "DROP")

    def _count(self, identity: str) -> int:
        listed = self._iptables(identity, "-L", "INPUT", "-n", "-v", "-x")
        rows = [line.split() for line in listed.splitlines()]
        return sum(int(row[0]) for row in rows if len(row) > 2 and row[2] == "DROP")

    def _iptables(self, identity: str, *words: str) -> str:
        with telling(f"look at the container {identity[:12]}"):
            pid = the_engine().api.inspect_container(identity)["State"]["Pid"]
        if not pid:
            raise PartitionError(f"the container {identity[:12]} does not run")
        argv = ["nsenter", "-t", str(pid), "-n", "iptables", "-w", *words]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PartitionError(f"{' '.join(argv)}: {error}") from error
        if done.returncode != 0:
            raise PartitionError(f"{' '.join(argv)}: {done.stderr.strip()}")
        return done.stdout
