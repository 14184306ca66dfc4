"""What a pipeline tells of its stages, read liberally: the same things can be said in several ways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from support.audio.frames import number_in, text_in
from support.audio.target import AudioTarget
from support.kit.errors import DeclinedError, PromiseBrokenError

LEAST = ("minimum", "min", "min_value", "lower", "low", "from")
GREATEST = ("maximum", "max", "max_value", "upper", "high", "to")
USUAL = ("default", "default_value")
CHOICES = ("choices", "values", "options", "enum")


@dataclass(frozen=True)
class Parameter:
    """A parameter under the contract's name. least, greatest, usual: numbers, None where it tells none. choices: of a choice."""

    name: str
    least: float | None = None
    greatest: float | None = None
    usual: object = None
    unit: str = ""
    choices: tuple[object, ...] = ()
    whole: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it has a range."""
        return self.least is not None and self.greatest is not None


@dataclass(frozen=True)
class Catalogue:
    """The stages that a pipeline tells, with their parameters, by the contract's names."""

    stages: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)

    def of(self, stage: str, parameter: str) -> Parameter:
        """A parameter. PromiseBrokenError where the pipeline tells none of that name."""
        known = self.stages.get(stage, {})
        if parameter not in known:
            told = ", ".join(known) or "nothing"
            raise PromiseBrokenError(f"the pipeline tells {parameter} of {stage}", f"it tells {told}")
        return known[parameter]

    def end(self, stage: str, parameter: str, which: str) -> float:
        """The `least` or the `greatest` value. DeclinedError for a parameter that is told, but without a range."""
        found = self.of(stage, parameter)
        value = found.least if which == "least" else found.greatest
        if value is None:
            raise DeclinedError(f"the pipeline tells no {which} value of {parameter} of {stage}")
        return int(value) if found.whole and value == int(value) else value


def read_catalogue(body: object, target: AudioTarget) -> Catalogue:
    """Stages as a list or a map, parameters as a list or a map, ends by several names. PromiseBrokenError: no stages in it."""
    stages = body.get("stages", body) if isinstance(body, dict) else body
    found = {
        name: {
            parameter.name: parameter
            for told, about in _named(_parameters_of(stage))
            for parameter in [_parameter(target.contract_name(name, told), about)]
        }
        for name, stage in _named(stages)
        if isinstance(stage, dict)
    }  # fmt: skip
    if not found:
        raise PromiseBrokenError("the pipeline tells its stages", "an answer with no stages in it")
    return Catalogue(found)


def _parameters_of(stage: Mapping[str, object]) -> object:
    return stage.get("parameters", stage.get("params", {}))


def _named(things: object) -> Iterator[tuple[str, object]]:
    """The things of a map, or of a list in which each tells its name."""
    if isinstance(things, dict):
        yield from ((str(name), thing) for name, thing in things.items())
    elif isinstance(things, list):
        for thing in things:
            if isinstance(thing, str):
                yield thing, {}
            elif isinstance(thing, dict):
                name = next((text for key in ("name", "stage_id", "id", "stage") if (text := text_in(thing, key))), "")
                if name:
                    yield name, thing


def _parameter(name: str, about: object) -> Parameter:
    if isinstance(about, list):
        about = {"range": about}
    if not isinstance(about, dict):
        return Parameter(name, usual=about)
    ends = about.get("range", about.get("limits"))
    pair = {"from": ends[0], "to": ends[1]} if isinstance(ends, list) and len(ends) == 2 else {}
    told = {**pair, **(ends if isinstance(ends, dict) else {}), **about}
    choices: list[object] = next((told[key] for key in CHOICES if isinstance(told.get(key), list)), [])
    kind = text_in(about, "type").lower()
    return Parameter(
        name, _first(told, LEAST), _first(told, GREATEST), next((about[key] for key in USUAL if key in about), None),
        text_in(about, "unit"), tuple(choices), whole=kind in ("int", "integer"),
    )  # fmt: skip


def _first(told: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    return next((value for name in names if (value := number_in(told, name)) is not None), None)
