"""The rules of a group as a node keeps them: setting and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass

from support.kit.errors import PromiseBrokenError, VoidError
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


def try_rules(world: PeersWorld, rules: dict[str, str]) -> None:
    """Ask the charger to set them, together."""
    set_rules(world, rules)


def try_in_turn(world: PeersWorld, rules: Sequence[tuple[str, str]]) -> None:
    """Ask the charger to set them, one after the other; what they were before is remembered. VoidError for none."""
    world.known["before"] = {key: rule(world, key) for key, _ in rules}
    if not rules:
        raise VoidError("there are no rules to set")
    world.tried = [set_rules(world, {key: value}) for key, value in rules]


def require_each_changed(world: PeersWorld) -> None:
    """Every attempt was taken, and told as another version of the settings."""
    versions: list[object] = []
    for setting in world.tried:
        setting.require_changed()
        body = setting.answer.body
        version = body.get("config_version") if isinstance(body, dict) else None
        if version is None or version in versions:
            raise PromiseBrokenError("every change is told with a config_version of its own", f"{version!r} after {versions}")
        versions.append(version)


def require_as_set(world: PeersWorld) -> None:
    """Every rule is what it was set to."""
    for setting in world.tried:
        for key, value in setting.rules.items():
            require_rule(world, key, value)


def require_again_nothing(world: PeersWorld) -> None:
    """The same once more changes nothing."""
    for setting in world.tried:
        set_rules(world, setting.rules).require_unchanged()


def require_all_kept(world: PeersWorld) -> None:
    """Every rule is what it was before the attempts."""
    before = world.known["before"]
    assert isinstance(before, dict), "kept by try_in_turn"
    for key, value in before.items():
        if (seen := rule(world, key)) != value:
            raise PromiseBrokenError(f"the charger's {key} stays {value!r}", repr(seen))


def require_each_refused(world: PeersWorld, code: int) -> None:
    """Every attempt was refused, with a reason in words."""
    for setting in world.tried:
        _require_refused(setting.answer, code)


def require_refused_with_reason(world: PeersWorld, code: int) -> None:
    """The last attempt was refused, with a reason in words."""
    _require_refused(world.answer, code)


def _require_refused(answer: Answer, code: int) -> None:
    body = answer.body
    if answer.code != code or not isinstance(body, dict) or not isinstance(body.get("msg"), str) or not body["msg"].strip():
        raise PromiseBrokenError(f"a charger refuses with code {code} and a reason", str(answer))
