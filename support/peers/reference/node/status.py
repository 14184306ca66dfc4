"""What the node tells of itself and of others, as JSON objects."""

from collections.abc import Mapping
from dataclasses import dataclass

from support.peers.reference.node import __version__
from support.peers.reference.node.board import BoardState
from support.peers.reference.node.peers import Peer, Peers

Fields = dict[str, object]
SHOWN_OF_PEERS = ("amp", "voltage", "pilot", "vehicle", "state", "min_current", "max_current", "priority")
"""What the status of the group tells of each member. Currents in A, pilots, too."""
UNDERSTOOD = frozenset(SHOWN_OF_PEERS) | {"id", "hostname", "version", "evse_connected", "asleep_by_sharing"}
"""What is remembered of another's status."""


@dataclass(frozen=True)
class Target:
    """What load sharing allots to this station. `current` in A; None: load sharing has not told anything yet."""

    current: float | None = None
    reason: str = ""
    failsafe: bool = False


def own_status(
    known_id: str, hostname: str, board: BoardState, target: Target, priority: int, role: str, asleep_by_sharing: bool
) -> Fields:
    """What `GET /status` and the WebSocket tell. Currents in A, `voltage` in V, `wh` in Wh of this session."""
    return {
        "id": known_id,
        "hostname": hostname,
        "version": __version__,
        "firmware": board.firmware,
        "evse_connected": board.connected,
        "state": board.state,
        "vehicle": int(board.vehicle),
        "amp": board.amp,
        "voltage": board.voltage,
        "pilot": board.pilot,
        "min_current": board.min_current,
        "max_current": board.max_current,
        "wh": board.wh,
        "priority": priority,
        "role": role,
        "target_current": target.current,
        "reason": target.reason,
        "failsafe_active": target.failsafe,
        "asleep_by_sharing": asleep_by_sharing,
    }


def own_entry(known_id: str, hostname: str, address: tuple[str, int]) -> Fields:
    """The node's own entry in its list of peers."""
    ip, port = address
    return {
        "id": known_id,
        "name": hostname,
        "host": f"{hostname}.local",
        "url": f"http://{ip}:{port}",
        "ip": ip,
        "online": True,
        "joined": True,
        "isLocal": True,
        "version": __version__,
    }


def entry(peer: Peer, peers: Peers) -> Fields:
    """Another's entry. What is not known yet is empty."""
    return {
        "id": peer.id,
        "name": peer.name or peer.host,
        "host": peer.host,
        "url": peer.url,
        "ip": peer.ip,
        "online": peers.online(peer),
        "joined": peer.joined,
        "isLocal": False,
        "version": peer.version,
    }


def member_entry(shown: Fields, last_seen: float | None, status: Mapping[str, object]) -> Fields:
    """An entry of `/loadsharing/status`. `last_seen` in seconds since 1970, null for never; no status: null."""
    told = {name: status[name] for name in SHOWN_OF_PEERS if name in status}
    return {**shown, "last_seen": None if last_seen is None else round(last_seen, 3), "status": told or None}
