"""Whom the chargers list: themselves, each other, members and hosts."""

from support.kit.deadline import Deadline, eventually, steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.peers.charger import LOOKS_APART, Charger
from support.peers.entries import Entry, is_host, members, others, read, require_complete, shown
from support.peers.quiet_host import Asked
from support.peers.world import PeersWorld

MUTUAL_LIMIT = 3.0
"""Seconds until somebody who was added has added, too."""
QUIET = 0.5
"""Seconds for which nothing more must follow."""


def require_only_itself(world: PeersWorld) -> None:
    """It lists itself and nobody else."""
    entries = world.it.entries()
    if len(entries) != 1 or not entries[0].local:
        raise PromiseBrokenError(f"the charger {world.it.hostname} lists itself and nobody else", shown(entries))


def require_own_entry(world: PeersWorld) -> None:
    """Its own entry is the first, local, online, and has all that an entry has."""
    raw = world.it.node.rest.peers()
    for one in raw:
        require_complete(one)
    entries = [read(one) for one in raw]
    if not entries:
        raise PromiseBrokenError("the first entry is the charger itself, online", shown(entries))
    first = entries[0]
    if not (first.local and first.online):
        raise PromiseBrokenError("the first entry is the charger itself, online", shown(entries))
    if not first.id or not first.host:
        raise PromiseBrokenError("the charger's own entry has its id and its host", str(raw[0]))
    if str(world.it.node.port) not in first.url:
        raise PromiseBrokenError(f"the url of the charger's own entry leads to its port {world.it.node.port}", first.url)


def require_complete_entries(world: PeersWorld) -> None:
    """Every entry has all that an entry has."""
    for raw in world.it.node.rest.peers():
        require_complete(raw)


def require_itself_once(world: PeersWorld) -> None:
    """Each lists itself once, first and as local; nobody is listed twice."""
    for charger in world.chargers:
        entries = charger.entries()
        own = charger.learn_id()
        if [entry.id for entry in entries].count(own) != 1 or not entries[0].local or entries[0].id != own:
            raise PromiseBrokenError(f"{charger.hostname} lists itself once, first and as local", shown(entries))
        if sum(entry.local for entry in entries) != 1:
            raise PromiseBrokenError(f"{charger.hostname} has one local entry", shown(entries))
        known = [entry.id for entry in entries if entry.id]
        if len(set(known)) != len(known):
            raise PromiseBrokenError(f"{charger.hostname} lists nobody twice", shown(entries))


def require_all_others(world: PeersWorld, chargers: list[Charger], within: float) -> float:
    """Each of these lists all the others as online in time; the seconds that it took."""
    ids = world.learn_ids()
    latest = max((answer.seconds for answer in world.answers), default=0.0)
    deadline = Deadline(within)
    for charger in chargers:
        _await_all(charger, ids - {charger.id}, deadline)
    return latest + deadline.elapsed


def _await_all(charger: Charger, ids: set[str], deadline: Deadline) -> None:
    eventually(
        charger.entries, lambda entries: {entry.id for entry in others(entries) if entry.online} == ids, deadline,
        f"the charger {charger.hostname} lists all {len(ids)} others as online, and nobody else, within {deadline.seconds:g} s",
        interval=LOOKS_APART, describe=shown,
    )  # fmt: skip


def require_nobody_joined(world: PeersWorld) -> None:
    """Nobody is in a group."""
    for charger in world.chargers:
        if joined := charger.members():
            raise PromiseBrokenError(f"nobody is a member of the group of {charger.hostname}", shown(joined))


def require_nobody_lists(world: PeersWorld, gone: Charger, within: float) -> None:
    """Nobody lists this one as online any more. VoidError where nobody knows its id."""
    if not gone.id:
        raise VoidError(f"{gone.hostname} went before it was asked for its id")
    deadline = Deadline(within)
    for charger in world.chargers:
        if charger is not gone:
            eventually(
                charger.entries, lambda entries: not any(entry.id == gone.id and entry.online for entry in entries), deadline,
                f"the charger {charger.hostname} does not list {gone.id} as online, within {within:g} s",
                interval=LOOKS_APART, describe=shown,
            )  # fmt: skip


def require_lists_member(charger: Charger, other: Charger, within: float, *, online: bool | None = None) -> None:
    """It lists the other as a member, which is online or offline where that is said."""
    identity = other.learn_id()

    def listed(entries: list[Entry]) -> bool:
        return any(
            (entry.id == identity or is_host(entry, other.host)) and online in (None, entry.online) for entry in members(entries)
        )

    what = "" if online is None else " that is online" if online else " that is offline"
    charger.await_entries(listed, within, f"the charger {charger.hostname} lists {other.id} as a member{what}")


def require_still_listed(world: PeersWorld, other: Charger) -> None:
    """It lists the other, which is no member any more, and has no members."""
    entries = world.it.entries()
    if not any(entry.id == other.learn_id() and not entry.joined for entry in entries):
        raise PromiseBrokenError(f"it still lists {other.id}, which is no member any more", shown(entries))
    if joined := members(entries):
        raise PromiseBrokenError("it has no members", shown(joined))


def require_lists_host(world: PeersWorld, host: str) -> None:
    """It lists the host as a member."""
    entries = world.it.entries()
    if not any(is_host(entry, host) for entry in members(entries)):
        raise PromiseBrokenError(f"the charger lists {host} as a member", shown(entries))


def require_lists_each(world: PeersWorld) -> None:
    """It lists every host that it was asked to add as a member of its own."""
    entries = world.it.entries()
    for host in world.hosts:
        if sum(is_host(entry, host) for entry in members(entries)) < 1:
            raise PromiseBrokenError(f"the charger lists {host} as a member", shown(entries))
    if len(members(entries)) != len(world.hosts):
        raise PromiseBrokenError(f"it lists {len(world.hosts)} members", shown(entries))


def require_members_and_nobody_else(world: PeersWorld, count: int) -> None:
    """So many members, and besides them and itself nobody."""
    entries = world.it.entries()
    if len(members(entries)) != count or len(entries) != count + 1:
        raise PromiseBrokenError(f"it lists itself, {count} members and nobody else", shown(entries))


def require_different(world: PeersWorld) -> None:
    """No two have the same name or id, by what they say themselves."""
    _require_different("id", [charger.own_entry().id for charger in world.chargers])
    _require_different("name", [(own.name or own.host).lower() for own in (charger.own_entry() for charger in world.chargers)])


def _require_different(what: str, said: list[str]) -> None:
    if len(set(said)) != len(said) or not all(said):
        raise PromiseBrokenError(f"no two chargers have the same {what}", str(said))


def require_advertised(world: PeersWorld) -> None:
    """What it advertises is true."""
    assert world.found is not None, "found by the step before"
    own, told = world.it.own_entry(), world.found
    if told.port != world.it.node.port:
        raise PromiseBrokenError(f"the advertised port is {world.it.node.port}", str(told.port))
    if told.texts.get("id") != own.id:
        raise PromiseBrokenError(f"the advertised id is {own.id}", str(told.texts))
    for key in ("version", "type"):
        if not told.texts.get(key):
            raise PromiseBrokenError(f"the advertisement tells a {key}", str(told.texts))
    if "ssl" not in told.texts:
        raise PromiseBrokenError("the advertisement tells whether it is encrypted", str(told.texts))
    if not told.addresses or not all(address.startswith("127.") or ":" in address for address in told.addresses):
        world.evidence.warn(f"advertised with the addresses {told.addresses}")


def require_quiet(world: PeersWorld, during: float) -> None:
    """The quiet host has heard nothing."""
    steadily(lambda: world.host.connections, lambda count: count == 0, during, "nobody connects to a host that was never added")


def require_asked_once(world: PeersWorld) -> None:
    """The quiet host is asked once to add the charger, without being added back."""

    def requests() -> list[Asked]:
        return [one for one in world.host.asked if one.method == "POST" and one.path.rstrip("/").endswith("/loadsharing/peers")]

    eventually(requests, bool, MUTUAL_LIMIT, "the host that was added is asked to add the charger")
    steadily(requests, lambda seen: len(seen) == 1, QUIET, "the host that was added is asked once", interval=0.02)
    body = requests()[0].body
    if not isinstance(body, dict) or body.get("reciprocal") is not False:
        raise PromiseBrokenError("it is asked not to add back (reciprocal is false)", repr(body))
    host = str(body.get("host", "")).lower()
    if str(world.it.node.port) not in host and world.it.own_entry().host.lower() != host:
        raise PromiseBrokenError(f"it is asked to add the charger, which is at port {world.it.node.port}", repr(body))
