"""The tools that scenarios call, by the part they play: a gateway's own names and arguments come from its profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ROLES = ("fast", "slow", "failing", "provider", "echo", "progress")
"""fast: answers at once. slow: takes as long as it is told. failing: fails. provider: asks a provider. echo, progress."""

PLACEHOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fast": (),
        "slow": ("{ms}", "{s}"),
        "failing": ("{message}",),
        "provider": ("{key}", "{provider}"),
        "echo": ("{text}",),
        "progress": ("{steps}", "{ms}", "{s}"),
    }
)
"""What the arguments of a role may be filled with. `{s}` is `{ms}` in seconds."""

_NEEDED: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "slow": (frozenset({"{ms}", "{s}"}),),
        "provider": (frozenset({"{key}"}),),
        "echo": (frozenset({"{text}"}),),
        "progress": (frozenset({"{steps}"}),),
    }
)
"""Of each of these sets one must be said, or the tool would not know what it is asked for."""

_OPTIONAL = frozenset({"{provider}"})


@dataclass(frozen=True)
class Tool:
    """A tool as it is called. Strings of `arguments` that are a placeholder as a whole are filled in, at any depth."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def call(self, **values: object) -> dict[str, object]:
        """The arguments of one call, such as `call(ms=300)`: values keep their types.

        None drops the argument, and so does an optional one that is not given. A value for which there is no place is
        not said. ValueError for a place without a value.
        """
        ms = values.get("ms")
        known = {f"{{{name}}}": value for name, value in values.items()}
        if isinstance(ms, int | float) and "{s}" not in known:
            known["{s}"] = ms / 1000
        return self._all(self.arguments, known)

    def takes(self, name: str) -> bool:
        """Whether the arguments have a place for `name`, such as "provider"."""
        return f"{{{name}}}" in placeholders(self.arguments)

    def _all(self, arguments: Mapping[str, object], known: Mapping[str, object]) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in arguments.items():
            given = self._given(value, known)
            if given is not None or value is None:  # a null that the profile itself says stays one
                made[key] = given
        return made

    def _given(self, value: object, known: Mapping[str, object]) -> object:
        if isinstance(value, Mapping):
            return self._all(value, known)
        if isinstance(value, list):
            return [self._given(item, known) for item in value]
        if not is_placeholder(value):
            return value
        if value not in known and value not in _OPTIONAL:
            raise ValueError(f"the tool {self.name} needs a value for {value}")
        return known.get(str(value))


CONTRACT: Mapping[str, Tool] = MappingProxyType(
    {
        "fast": Tool("status"),
        "slow": Tool("sleep", {"ms": "{ms}"}),
        "failing": Tool("fail", {"message": "{message}"}),
        "provider": Tool("lookup", {"key": "{key}", "provider": "{provider}"}),
        "echo": Tool("echo", {"text": "{text}"}),
        "progress": Tool("progress", {"steps": "{steps}", "ms": "{ms}"}),
    }
)
"""The contract's tools."""


def is_placeholder(value: object) -> bool:
    """Whether a value is `{word}` as a whole."""
    return isinstance(value, str) and value.startswith("{") and value.endswith("}") and value[1:-1].isidentifier()


def placeholders(arguments: object) -> set[str]:
    """All placeholders in arguments, at any depth."""
    if isinstance(arguments, Mapping):
        return {found for value in arguments.values() for found in placeholders(value)}
    if isinstance(arguments, list):
        return {found for value in arguments for found in placeholders(value)}
    return {str(arguments)} if is_placeholder(arguments) else set()


def tool_of(role: str, told: str | Mapping[str, object]) -> Tool:
    """The tool that a profile names for a role: a name with the contract's arguments, or `{name, arguments}`.

    ValueError for placeholders that the role does not know, or without those that it cannot do without.
    """
    if isinstance(told, str):
        return Tool(told, CONTRACT[role].arguments)
    arguments = told.get("arguments", {})
    if not isinstance(arguments, Mapping):
        raise ValueError(f"the arguments of {told['name']} must be keys and values, not {arguments!r}")
    said, known = placeholders(arguments), PLACEHOLDERS[role]
    for found in sorted(said - set(known)):
        raise ValueError(f"unknown placeholder {found}; known: {', '.join(known) or 'none'}")
    for one_of in _NEEDED.get(role, ()):
        if not said & one_of:
            raise ValueError(
                f"its arguments have no {' and no '.join(sorted(one_of))}: the tool would not know what it is asked for"
            )
    return Tool(str(told["name"]), arguments)
