"""The rules of a group as a node keeps them: setting and reading them."""

from dataclasses import dataclass

from support.kit.errors import PromiseBrokenError
from support.peers.rest import Answer
from support.peers.world import PeersWorld

PREFIX = "loadsharing_"


@dataclass(frozen=True)
class Setting:
    """An attempt to set rules, and what was answered."""

    rules: dict[str, str]
    answer: Answer

    def require_changed(self) -> None:
        """PromiseBrokenError unless the node says that it has changed them."""
        if self.answer.code != 200 or self.answer.message != "done":
            raise PromiseBrokenError(f"a charger takes {self.rules} and says 'done'", str(self.answer))

    def require_unchanged(self) -> None:
        """PromiseBrokenError unless the node says that this is what it had."""
        if self.answer.code != 200 or self.answer.message != "no change":
            raise PromiseBrokenError(f"a charger that has {self.rules} already says 'no change'", str(self.answer))


def meant(text: str) -> object:
    """A value as it is sent: numbers as numbers."""
    try:
        number = float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text)
    return int(number) if number.is_integer() else number


def set_rules(world: PeersWorld, rules: dict[str, str]) -> Setting:
    """Ask the charger to set them."""
    body = {f"{PREFIX}{key}": meant(value) for key, value in rules.items()}
    answer = world.it.node.rest.post("/config", body)
    world.answers.append(answer)
    return Setting(rules, answer)


def rule(world: PeersWorld, key: str) -> object:
    """What the charger has for a key. PromiseBrokenError where it has none."""
    config = world.it.node.rest.object_at("/config")
    name = f"{PREFIX}{key}"
    if name not in config:
        raise PromiseBrokenError(f"a charger tells its {name}", f"only {', '.join(sorted(config))}")
    return config[name]


def same(told: object, wanted: str) -> bool:
    """Whether a told value is the one that was asked for; numbers may be told as text."""
    return meant(str(told)) == meant(wanted) if isinstance(told, str) else told == meant(wanted)


def require_rule(world: PeersWorld, key: str, wanted: str) -> None:
    """PromiseBrokenError unless the charger has this value."""
    seen = rule(world, key)
    if not same(seen, wanted):
        raise PromiseBrokenError(f"the charger's {key} is {wanted}", repr(seen))


def require_kept(world: PeersWorld, key: str) -> None:
    """PromiseBrokenError where the value is another than before the last attempt."""
    before, seen = world.known[key], rule(world, key)
    if seen != before:
        raise PromiseBrokenError(f"the charger's {key} stays {before!r}", repr(seen))


def try_rules(world: PeersWorld, rules: dict[str, str]) -> None:
    """Ask the charger to set them, and remember what they were."""
    world.known |= {key: rule(world, key) for key in rules}
    world.known["rules"] = rules
    set_rules(world, rules)


def require_says_changed(world: PeersWorld) -> None:
    """The last attempt was taken."""
    Setting({}, world.answer).require_changed()


def require_again_nothing(world: PeersWorld) -> None:
    """The same once more changes nothing."""
    rules = world.known["rules"]
    assert isinstance(rules, dict), "kept by try_rules"
    set_rules(world, rules).require_unchanged()


def require_refused_with_reason(world: PeersWorld, code: int) -> None:
    """The last attempt was refused, with a reason in words."""
    answer = world.answer
    body = answer.body
    if answer.code != code or not isinstance(body, dict) or not isinstance(body.get("msg"), str) or not body["msg"].strip():
        raise PromiseBrokenError(f"a charger refuses with code {code} and a reason", str(answer))
