"""What is wrong with a profile, so that its author can put it right: file, dotted key, reason, what is known."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, core_schema

_Node = Mapping[str, Any]  # JSON Schema, whose values really are of any type


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `key` is dotted, empty for the file itself; `known` are the names that would do."""

    key: str
    reason: str
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.key}: {self.reason}" if self.key else self.reason
        return f"{text}; known: {', '.join(self.known)}" if self.known else text


class ProfileError(ValueError):
    """A profile cannot be used: one line per problem, each beginning with the file."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}: {problem}" for problem in self.problems))


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """ " (did you mean X?)" where one of the known names is near, else nothing."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def problems_of(section: str, adapter: TypeAdapter[Any], raw: object, error: ValidationError) -> list[Problem]:
    """What pydantic found in a section, one problem per key.

    `raw` is the section as it stands in the file: values are quoted from there, and not from the environment,
    which may hold a secret.
    """
    schema = adapter.json_schema(schema_generator=_Lenient)
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        problem = _problem(section, _Place(schema, raw, detail["loc"]), detail)
        earlier = found.get(problem.key)
        if earlier is not None and problem.reason not in earlier.reason:
            # The forms of a union are refused one by one; none of them is the reason, all together are.
            both = f"{earlier.reason}, or {problem.reason}"
            problem = Problem(problem.key, both, earlier.known or problem.known)
        found[problem.key] = problem
    return list(found.values())


class _Lenient(GenerateJsonSchema):
    """A schema with holes is good enough to find names in."""

    def handle_invalid_for_json_schema(
        self,
        schema: core_schema.CoreSchema,  # noqa: ARG002 (pydantic's signature)
        error_info: str,  # noqa: ARG002
    ) -> JsonSchemaValue:
        return {}

    def emit_warning(self, kind: object, detail: str) -> None:
        """Nobody reads this schema."""


class _Place:
    """Where in the file, and where in the schema, a location of pydantic's is.

    pydantic puts the names of a union's members between the keys; the schema tells which parts are keys.
    """

    def __init__(self, schema: _Node, raw: object, location: tuple[int | str, ...]) -> None:
        self._definitions: _Node = schema.get("$defs", {})
        self.keys: list[str] = []
        self.value = raw
        self.known: tuple[str, ...] = ()
        self._nodes: list[_Node] = [schema]
        for part in location:
            self._step(part)

    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The key that tells a union's members apart, and the values it may have."""
        tellers = [node["discriminator"] for node in self._alternatives() if "discriminator" in node]
        return {teller["propertyName"]: tuple(sorted(teller["mapping"])) for teller in tellers}

    def _step(self, part: int | str) -> None:
        nodes = self._alternatives()
        for node in nodes:
            if part in (members := node.get("discriminator", {}).get("mapping", {})):
                self._nodes = [{"$ref": members[part]}]
                return
        properties = [node["properties"] for node in nodes if "properties" in node]
        inside = [of[part] for of in properties if part in of]
        is_item = isinstance(part, int) and isinstance(self.value, list)
        if not inside and not is_item and not (isinstance(self.value, dict) and part in self.value):
            return
        self.known = tuple(sorted({name for of in properties for name in of}))
        kind = "items" if is_item else "additionalProperties"
        self._nodes = inside or [node[kind] for node in nodes if isinstance(node.get(kind), dict)]
        self.keys.append(str(part))
        if is_item and isinstance(self.value, list):
            self.value = self.value[int(part)]
        else:
            self.value = self.value.get(part) if isinstance(self.value, dict) else None

    def _alternatives(self) -> list[_Node]:
        todo, done = list(self._nodes), list[_Node]()
        while todo:
            node = todo.pop()
            if "$ref" in node:
                todo.append(self._definitions[node["$ref"].rpartition("/")[2]])
            else:
                done.append(node)
                todo += [member for form in ("anyOf", "oneOf", "allOf") for member in node.get(form, [])]
        return done


def _problem(section: str, place: _Place, detail: ErrorDetails) -> Problem:
    key = ".".join([section, *place.keys])
    match detail["type"]:
        case "extra_forbidden":
            return Problem(key, f"unknown key{did_you_mean(place.keys[-1], place.known)}", place.known)
        case "missing":
            return Problem(key, "is missing")
        case "union_tag_invalid" | "union_tag_not_found":
            teller, known = next(iter(place.kinds().items()))
            given = place.value.get(teller) if isinstance(place.value, dict) else None
            unknown = f"unknown {teller} {_shown(given)}{did_you_mean(given, known)}"
            reason = "is missing" if given is None else unknown
            return Problem(f"{key}.{teller}", reason, known)
        case "value_error":
            return Problem(key, str(detail["ctx"]["error"]))
        case "too_short":
            return Problem(key, f"must have {detail['ctx']['min_length']} or more, has {detail['ctx']['actual_length']}")
        case kind:
            reason = detail["msg"].replace("Input should be a valid string", "must be text")
            reason = reason.replace("Input should", "must")
            unquoted = kind == "string_type" and isinstance(place.value, int | float)
            hint = ": put it in quotes" if unquoted else ""
            return Problem(key, f"{reason[0].lower()}{reason[1:]}, not {_shown(place.value)}{hint}")


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
