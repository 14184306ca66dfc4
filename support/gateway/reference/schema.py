"""Arguments of tools: one description serves to validate them and to tell clients about them as JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from support.gateway.reference.errors import ArgumentError

Arguments = Mapping[str, object]


class Field(Protocol):
    """One argument."""

    @property
    def required(self) -> bool:
        """Whether a call without it makes no sense."""

    def check(self, name: str, value: object) -> None:
        """ArgumentError if the value of the argument `name` makes no sense."""

    def schema(self) -> Mapping[str, object]:
        """The JSON Schema of its values."""


@dataclass(frozen=True)
class Text:
    """A text. Lengths are in characters."""

    description: str
    min_length: int = 0
    max_length: int | None = None
    required: bool = True

    def check(self, name: str, value: object) -> None:
        """ArgumentError for what is no text, or too short or too long a one."""
        if not isinstance(value, str):
            raise ArgumentError(name, f"is not a text but {json_type(value)}")
        if len(value) < self.min_length:
            raise ArgumentError(name, f"has fewer than {self.min_length} characters")
        if self.max_length is not None and len(value) > self.max_length:
            raise ArgumentError(name, f"has more than {self.max_length} characters")

    def schema(self) -> Mapping[str, object]:
        """The JSON Schema of its values."""
        most = {} if self.max_length is None else {"maxLength": self.max_length}
        return {"type": "string", "description": self.description, "minLength": self.min_length, **most}


@dataclass(frozen=True)
class Whole:
    """A whole number from `minimum` to `maximum`. As in JSON Schema 5.0 is one, and true is none."""

    description: str
    minimum: int
    maximum: int
    required: bool = True

    def check(self, name: str, value: object) -> None:
        """ArgumentError for what is no whole number within the bounds."""
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            raise ArgumentError(name, f"is not a whole number but {json_type(value)}")
        if not self.minimum <= value <= self.maximum:
            raise ArgumentError(name, f"is not from {self.minimum} to {self.maximum}")

    def schema(self) -> Mapping[str, object]:
        """The JSON Schema of its values."""
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": "integer", "description": self.description, **bounds}


@dataclass(frozen=True)
class Schema:
    """All arguments of a tool; others are refused."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    def check(self, arguments: Arguments) -> None:
        """ArgumentError that names the first argument that makes no sense."""
        for name in arguments:
            if name not in self.fields:
                raise ArgumentError(name[:64], "is unknown")
        for name, each in self.fields.items():
            if name in arguments:
                each.check(name, arguments[name])
            elif each.required:
                raise ArgumentError(name, "is missing")

    def json_schema(self) -> Mapping[str, object]:
        """A JSON Schema object."""
        return {
            "type": "object",
            "properties": {name: each.schema() for name, each in self.fields.items()},
            "required": [name for name, each in self.fields.items() if each.required],
            "additionalProperties": False,
        }


def json_type(value: object) -> str:
    """What JSON calls a value like this, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a string", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return names[type(value)]
