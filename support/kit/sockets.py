"""What the system knows about TCP connections that did not come about: waiting ones, refused ones."""

from collections.abc import Collection
from pathlib import Path

import psutil


def connecting(pids: Collection[int], port: int) -> frozenset[int]:
    """Local ports of the processes' TCP sockets that ask for a connection to `port` and have no answer
    (SYN_SENT).

    Processes that have ended count as none. psutil.AccessDenied for another user's process.
    """
    found: set[int] = set()
    for pid in pids:
        try:
            connections = psutil.Process(pid).net_connections(kind="tcp")
        except psutil.NoSuchProcess:
            continue
        found.update(
            connection.laddr.port
            for connection in connections
            if connection.status == psutil.CONN_SYN_SENT and connection.raddr.port == port
        )
    return frozenset(found)


def asking(port: int) -> frozenset[int] | None:
    """Local ports of all IPv4 sockets of the machine that ask for a connection to `port` and have no answer (SYN_SENT).

    Much quicker than `connecting`, which looks into processes. None where the system has no Linux /proc/net/tcp.
    """
    return _asking(Path("/proc/net/tcp"), port)


def _asking(table: Path, port: int) -> frozenset[int] | None:
    """The table's columns are: number, local address:port, remote address:port, state (02 is SYN_SENT), all in hex."""
    if not table.exists():
        return None
    rows = (line.split(maxsplit=4)[1:4] for line in table.read_text().splitlines()[1:])
    wanted = f":{port:04X}"
    return frozenset(
        int(local.rpartition(":")[2], 16) for local, remote, state in rows if state == "02" and remote.endswith(wanted)
    )


def refused_attempts() -> int | None:
    """The machine's count of connection attempts that failed (refused, reset or given up) since it was
    started.

    Tcp AttemptFails of RFC 4022 from Linux's /proc/net/snmp; None where the system has no such file.
    """
    return _attempt_fails(Path("/proc/net/snmp"))


def _attempt_fails(snmp: Path) -> int | None:
    if not snmp.exists():
        return None
    names, values = (line.split() for line in snmp.read_text().splitlines() if line.startswith("Tcp:"))
    return int(dict(zip(names, values, strict=True))["AttemptFails"])
