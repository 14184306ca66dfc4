"""What the chargers are asked in scenarios, and what they answer."""

import random
import threading
from collections.abc import Sequence

from support.kit.errors import PromiseBrokenError, VoidError
from support.peers.charger import LIST
from support.peers.entries import Entry, members
from support.peers.rest import Answer
from support.peers.world import PeersWorld

AT_ONCE = 1.0
"""Seconds in which a request is answered that is answered at once."""
POWER_SEED = 85


def add_host(world: PeersWorld, host: str) -> None:
    """It is asked to add a host."""
    world.answers.append(world.it.add(host))


def add_charger(world: PeersWorld, place: int, *, reciprocal: bool = False) -> None:
    """It is asked to add another charger."""
    world.answers.append(world.it.add(world.chargers[place].host, reciprocal=reciprocal))


def have_added(world: PeersWorld, host: str) -> None:
    """It has added the host. PromiseBrokenError where it refuses."""
    add_host(world, host)
    require_done(world)


def have_added_many(world: PeersWorld, count: int) -> None:
    """It has added so many hosts that nobody is at."""
    for number in range(count):
        have_added(world, f"127.0.0.{80 + number}:9")


def require_done(world: PeersWorld) -> None:
    """The last request was answered with 200 and `done`."""
    require_says(world, "done", 200)


def require_says(world: PeersWorld, message: str, code: int) -> None:
    """The last answer has this code and says this."""
    _require(world.answer, message, code)


def _require(answer: Answer, message: str, code: int) -> None:
    if answer.code != code or answer.message != message:
        raise PromiseBrokenError(f"a charger answers {code} {message!r}", str(answer))


def require_refuses(world: PeersWorld, code: int, message: str | None = None) -> None:
    """The last answer has this code, and is an object that tells the reason in `msg`."""
    _require_refusal(world.answer, code, message)


def _require_refusal(answer: Answer, code: int, message: str | None = None) -> None:
    """An error with this code that is an object with its reason in `msg`, this one where it is given."""
    body = answer.body
    if answer.code != code:
        raise PromiseBrokenError(f"a charger refuses with code {code}", str(answer))
    if code == 405 and message is None:
        return  # nobody was asked for: the reason is in the code
    if not isinstance(body, dict) or not isinstance(body.get("msg"), str) or not body["msg"].strip():
        raise PromiseBrokenError('an error is always {"msg": "..."}', str(answer))
    if message is not None and body["msg"] != message:
        raise PromiseBrokenError(f"a charger refuses and says {message!r}", repr(body["msg"]))


def require_says_each_time(world: PeersWorld, message: str, code: int) -> None:
    """Every answer of the step has this code and says this. VoidError where there was none."""
    if not world.answers:
        raise VoidError("nothing was asked")
    for answer in world.answers:
        _require(answer, message, code)


def require_refuses_each_time(world: PeersWorld, code: int, reasons: Sequence[str]) -> None:
    """Every answer of the step has this code and its own reason."""
    for answer, reason in zip(world.answers, reasons, strict=True):
        _require_refusal(answer, code, reason)


def add_each(world: PeersWorld, hosts: Sequence[str]) -> None:
    """It is asked to add hosts, one after the other."""
    world.hosts = list(hosts)
    world.answers = [world.it.add(host) for host in hosts]


def remove_each(world: PeersWorld, hosts: Sequence[str]) -> None:
    """It is asked to remove hosts, one after the other, told as they stand."""
    world.answers = [world.it.remove(host) for host in hosts]


def ask_oddly(world: PeersWorld, what: Sequence[str]) -> None:
    """It is asked to add things that cannot be added."""
    world.answers = [_ask_oddly(world, one) for one in what]


def _ask_oddly(world: PeersWorld, what: str) -> Answer:
    if what == "itself":
        return world.it.add(world.it.host)
    if what.startswith("the host "):
        return world.it.add(what.removeprefix("the host ").strip('"'))
    return world.it.node.rest.post(LIST, _ODD[what])


_ODD: dict[str, object] = {
    "a host in words that are no data": b'{"host": 127.0.0.77',
    "nothing": {},
    "an empty host": {"host": ""},
    "a host of blanks": {"host": "   "},
}


def remove_host(world: PeersWorld, host: str) -> None:
    """It is asked to remove a host, told as it stands."""
    world.answers.append(world.it.remove(host))


def change(world: PeersWorld, what: str) -> None:
    """`add the host "..."` or `remove the host "..."`."""
    verb, _, host = what.partition(" the host ")
    {"add": add_host, "remove": remove_host}[verb](world, host.strip('"'))


def look_around(world: PeersWorld) -> None:
    """Everybody is asked to look for the others."""
    world.answers = [charger.look_around() for charger in world.chargers]


def look_often(world: PeersWorld, times: int) -> None:
    """It is asked to look for the others, again and again."""
    world.answers = [world.it.look_around() for _ in range(times)]


def require_at_once(world: PeersWorld) -> None:
    """Every answer says done, at once."""
    if not world.answers:
        raise VoidError("nobody was asked")
    for answer in world.answers:
        if answer.code != 200 or answer.message != "done":
            raise PromiseBrokenError("a charger that is asked to look says 'done'", str(answer))
        if answer.seconds > AT_ONCE:
            raise PromiseBrokenError(f"it says so within {AT_ONCE:g} s", f"after {answer.seconds:.2f} s")


def require_answers(world: PeersWorld, within: float) -> None:
    """It answers what it is asked in time."""
    answer = world.it.node.rest.get("/config", within)
    if answer.code != 200:
        raise PromiseBrokenError("a charger tells its settings", str(answer))


def restart(world: PeersWorld) -> None:
    """It is stopped and started again."""
    before = world.it.own_entry()
    world.known["entry"] = before
    world.it.node.end()
    world.it.node.start_again()


def require_same_charger(world: PeersWorld) -> None:
    """It has the name and id that it had before."""
    before, now = world.known["entry"], world.it.own_entry()
    assert isinstance(before, Entry), "kept by restart"
    if (before.id, before.name) != (now.id, now.name) or not now.id:
        raise PromiseBrokenError(f"it is still {before.name} with the id {before.id}", f"{now.name} with the id {now.id}")


def lose_power(world: PeersWorld, host: str) -> None:
    """It dies at the moment in which it has answered that it added the host, and comes back."""
    have_added(world, host)
    world.it.node.die()
    world.it.node.start_again()


def lose_power_often(world: PeersWorld, times: int) -> None:
    """It dies while hosts are added and removed, comes back, and so on. What it listed is remembered."""
    rng = random.Random(POWER_SEED)
    for number in range(times):
        sure = {entry.host.lower() for entry in world.it.members()}
        unsure: set[str] = set()
        changes = [f"127.0.0.{100 + number * 10 + step}" for step in range(rng.randint(2, 4))]
        for host in changes:
            have_added(world, host)
            sure.add(host)
        victim = changes[0]
        unsure.add(victim)
        sure.discard(victim)
        _remove_and_die(world, victim, rng.uniform(0.0, 0.01))
        world.it.node.start_again()
        listed = {entry.host.lower() for entry in world.it.members()}
        world.comings_back.append((sure, unsure, listed))
        for host in listed - {"127.0.0.77"}:
            world.it.remove(host)


def _remove_and_die(world: PeersWorld, host: str, after: float) -> None:
    """Ask for a change without waiting for the answer, and pull the plug."""
    done: list[Exception | None] = []

    def remove() -> None:
        try:
            world.it.remove(host)
            done.append(None)
        except PromiseBrokenError as error:  # it died before it could answer: that is what is tried
            done.append(error)

    thread = threading.Thread(target=remove, name="a change", daemon=True)
    thread.start()
    thread.join(after)
    world.it.node.die()
    thread.join(10.0)
    if not done:
        raise VoidError("the change was still under way after the charger had died")


def require_before_or_after(world: PeersWorld, times: int) -> None:
    """Each time the group was the one before or the one after the last change."""
    if len(world.comings_back) != times:
        raise VoidError(f"it lost its power {len(world.comings_back)} times")
    for sure, unsure, listed in world.comings_back:
        if not sure <= listed <= sure | unsure:
            raise PromiseBrokenError(f"the group is {sorted(sure)}, with or without {sorted(unsure)}", str(sorted(listed)))


def spoil(world: PeersWorld, host: str) -> None:
    """Every file in its folder that knows the host is cut in half, with garbage at its end. VoidError where none does."""
    spoilt = 0
    for path in sorted(world.it.node.folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if host.encode() in data:
                path.write_bytes(data[: len(data) // 2] + b"\x00\xff{{")
                spoilt += 1
    if not spoilt:
        raise VoidError(f"no file in {world.it.node.folder} knows {host}")


def spoil_and_restart(world: PeersWorld, host: str) -> None:
    """It is stopped, what it has kept is spoilt, it is started again."""
    world.it.node.end()
    spoil(world, host)
    world.it.node.start_again()


def require_members(world: PeersWorld, count: int, within: float = 0.0) -> None:
    """It lists so many members."""
    world.it.await_entries(
        lambda entries: len(members(entries)) == count, within, f"the charger {world.it.hostname} lists {count} members"
    )
