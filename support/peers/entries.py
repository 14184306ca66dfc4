"""Entries of a node's list of peers, read liberally and judged strictly."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from support.kit.errors import PromiseBrokenError
from support.kit.ports import is_for_lease
from support.kit.readiness import accepts

KEYS: dict[str, type] = {
    "id": str, "name": str, "host": str, "url": str, "ip": str, "online": bool, "joined": bool, "isLocal": bool, "version": str,
}  # fmt: skip
"""What an entry has, and of which kind (contract, `GET /loadsharing/peers`)."""


@dataclass(frozen=True)
class Entry:
    """A peer as a node lists it."""

    id: str
    name: str
    host: str
    url: str
    ip: str
    online: bool
    joined: bool
    local: bool

    def __str__(self) -> str:
        marks = [word for word, holds in (("local", self.local), ("online", self.online), ("joined", self.joined)) if holds]
        return f"{self.name or self.host} ({self.host}, id {self.id or '-'}): {', '.join(marks) or 'offline'}"


def read(raw: dict[str, object]) -> Entry:
    """An entry; what it lacks is empty or false."""

    def text(key: str) -> str:
        value = raw.get(key)
        return "" if value is None else str(value)

    return Entry(
        text("id"), text("name"), text("host"), text("url"), text("ip"),
        raw.get("online") is True, raw.get("joined") is True, raw.get("isLocal") is True,
    )  # fmt: skip


def require_complete(raw: dict[str, object]) -> None:
    """PromiseBrokenError unless it has every key of the contract, of the right kind."""
    for key, kind in KEYS.items():
        if key not in raw:
            raise PromiseBrokenError(f"an entry has {', '.join(KEYS)}", f"no {key} in {raw}")
        unknown_yet = raw[key] is None and key in ("id", "version", "ip", "name") and not raw.get("isLocal")
        if not isinstance(raw[key], kind) and not unknown_yet:
            raise PromiseBrokenError(f"{key} of an entry is of the kind {kind.__name__}", f"{raw[key]!r} in {raw}")


def shown(entries: Iterable[Entry]) -> str:
    """Entries as failures tell them."""
    return "; ".join(map(str, entries)) or "nobody"


def members(entries: Sequence[Entry]) -> list[Entry]:
    """Who is in the group, without the node itself."""
    return [one for one in entries if one.joined and not one.local]


def others(entries: Sequence[Entry]) -> list[Entry]:
    """All but the node itself."""
    return [one for one in entries if not one.local]


def is_somebody_elses(entry: Entry, own_ports: Collection[int]) -> bool:
    """Whether it is a charger that this scenario has nothing to do with: all that run on this machine hear each other.

    One that is in the group, or leads to a port of this scenario, never is. Others must be where runs have their chargers (one
    of which may just have been killed, and be missed by nobody yet), or really be there and take connections.
    """
    if entry.joined or entry.local:
        return False
    try:
        parts = urlsplit(entry.url)
        port, host = parts.port or 80, parts.hostname or ""
    except ValueError:
        return False
    return port not in own_ports and (is_for_lease(port) or accepts(host, port))


def is_host(entry: Entry, host: str) -> bool:
    """Whether the entry is of the host that somebody knows by `host`: hosts compare without regard to case."""
    plain = host.lower().rstrip(".")
    ways = {entry.host, entry.name, entry.url.removeprefix("http://").rstrip("/"), entry.ip}
    return plain in {way.lower().rstrip(".") for way in ways}
