"""What a controller tells of its group as a whole (contract, `GET /loadsharing/status`)."""

from collections.abc import Mapping

from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError
from support.peers.world import PeersWorld

NUMBER = (int, float)
WHOLE: Mapping[str, type | tuple[type, ...]] = {
    "enabled": bool, "group_id": str, "failsafe_active": bool, "online_count": int, "offline_count": int,
    "peers": list, "allocations": list,
}  # fmt: skip
STATUS: Mapping[str, type | tuple[type, ...]] = {
    "amp": NUMBER, "voltage": NUMBER, "pilot": NUMBER, "vehicle": (bool, int), "state": (int, str), "min_current": NUMBER,
    "max_current": NUMBER, "priority": NUMBER,
}  # fmt: skip
ALLOCATION: Mapping[str, type | tuple[type, ...]] = {"id": str, "target_current": NUMBER, "reason": str}
SOON = 0.05


def account(world: PeersWorld) -> dict[str, object]:
    """As it tells it."""
    return world.chargers[0].rest.object_at("/loadsharing/status")


def require_complete(world: PeersWorld) -> None:
    """PromiseBrokenError unless all is there, of the right kind, for the group, each peer and each allocation."""
    told = account(world)
    _require("the account of a group", told, WHOLE)
    if "computed_at" not in told:
        raise PromiseBrokenError("the account of a group tells when it was computed (computed_at)", ", ".join(sorted(told)))
    peers, allocations = told["peers"], told["allocations"]
    assert isinstance(peers, list), "of the right kind"
    assert isinstance(allocations, list), "of the right kind"
    if len(allocations) != len(world.chargers):
        raise PromiseBrokenError(f"{len(world.chargers)} allocations", str(allocations))
    for one in allocations:
        _require("an allocation", one, ALLOCATION)
    ids = {one.get("id"): one for one in peers if isinstance(one, dict)}
    for charger in world.chargers[1:]:
        peer = ids.get(charger.learn_id())
        if peer is None:
            raise PromiseBrokenError(f"the account of the group has the peer {charger.id}", str(sorted(map(str, ids))))
        _require("a peer's status", peer.get("status"), STATUS)
        for key in ("version", "last_seen"):
            if key not in peer:
                raise PromiseBrokenError(f"a peer has its {key}", str(peer))


def require_counts(world: PeersWorld, online: int, offline: int) -> None:
    """Who is online and who is not, reckoned with or without the controller itself."""

    def told() -> tuple[object, object]:
        whole = account(world)
        return whole.get("online_count"), whole.get("offline_count")

    wanted = {(online, offline), (online - 1, offline)}
    eventually(
        told, lambda seen: seen in wanted, world.cycle, f"it counts {online} as online, {offline} as offline", interval=SOON
    )


def _require(what: str, seen: object, keys: Mapping[str, type | tuple[type, ...]]) -> None:
    if not isinstance(seen, dict):
        raise PromiseBrokenError(f"{what} is an object", repr(seen))
    for key, kind in keys.items():
        if not isinstance(seen.get(key), kind):
            raise PromiseBrokenError(f"{what} has {key}, of the right kind", f"{seen.get(key)!r} in {seen}")
