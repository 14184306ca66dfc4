"""The parts of behave 1.3.3 that this package relies on. behave has no type hints: this is the one place for `Any`."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Protocol

from behave.async_step import AsyncStepFunction
from behave.exception import ConfigError
from behave.reporter.base import Reporter
from behave.reporter.junit import JUnitReporter
from behave.reporter.summary import SummaryReporter
from behave.runner import ModelRunner

__all__ = [
    "Config",
    "ConfigError",
    "Context",
    "Feature",
    "Matcher",
    "Registry",
    "Reporter",
    "Rule",
    "Runner",
    "Scenario",
    "Statement",
    "Step",
    "find_runner",
    "is_async",
    "is_ours_to_replace",
]

StepFunction = Callable[..., object]


class StatusLike(Protocol):
    name: str


class Statement(Protocol):
    """A feature, rule, scenario or step."""

    name: str
    hook_failed: bool
    error_message: str | None


class Step(Statement, Protocol):
    keyword: str
    step_type: str
    status: StatusLike
    duration: float
    exception: BaseException | None
    exc_traceback: TracebackType | None


class Scenario(Statement, Protocol):
    filename: str
    line: int
    tags: Sequence[str]
    effective_tags: Iterable[str]
    parent: Any
    should_skip: bool
    skip_reason: str | None
    all_steps: Iterable[Step]

    def should_run(self, config: "Config") -> bool: ...
    def skip(self, reason: str | None = None) -> None: ...


class Rule(Statement, Protocol):
    type: str


class Feature(Statement, Protocol):
    filename: str
    tags: Sequence[str]
    run_items: Sequence[Any]

    def walk_scenarios(self, with_outlines: bool = False, with_rules: bool = False) -> list[Any]: ...
    def should_run(self, config: "Config") -> bool: ...


class Config(Protocol):
    userdata: dict[str, str]
    dry_run: bool
    junit: bool
    junit_directory: str
    jobs: int
    format: list[str] | None
    paths: Sequence[str]
    name: Sequence[str] | None
    tags: Any
    tag_expression: Any
    wip: bool | None
    stop: bool | None
    capture: bool | None
    capture_stdout: bool
    capture_stderr: bool
    capture_log: bool
    capture_hooks: bool
    reporters: list[Any]


class Context(Protocol):
    """What hooks and steps are handed. Steps find their slice's world in `world`."""

    world: Any
    on_cleanup_error: Callable[["Context", Callable[[], object], Exception], None]
    _stack: list[dict[str, Any]]
    _do_cleanups: Callable[[], None]

    def add_cleanup(self, cleanup_func: Callable[[], object]) -> None: ...


class Matcher(Protocol):
    func: StepFunction
    pattern: str
    location: Any


class Registry(Protocol):
    steps: dict[str, list[Matcher]]
    error_handler: Any


class Runner(Protocol):
    config: Config
    features: list[Feature]
    formatters: list[Any]
    hooks: dict[str, Any]
    hook_failures: int
    aborted: bool
    context: Context | None
    step_registry: Registry
    load_step_definitions: Callable[..., object]
    feature_locations: Callable[..., Any]


def find_runner() -> Runner:
    """The runner that is loading environment.py right now.

    behave hands its environment nothing before `before_all`, which is too late for what must be true even if a step
    module cannot be imported. So it is looked for among the callers. LookupError outside of behave.
    """
    frame = inspect.currentframe()
    while frame is not None:
        candidate = frame.f_locals.get("self")
        if isinstance(candidate, ModelRunner):
            found: Runner = candidate
            return found
        frame = frame.f_back
    raise LookupError("environment.py is loaded by behave and by nobody else")


def is_async(function: StepFunction) -> bool:
    return isinstance(function, AsyncStepFunction) or inspect.iscoroutinefunction(inspect.unwrap(function))


def is_ours_to_replace(reporter: object) -> bool:
    """behave's own writers know no clean-up errors, no reasons and no errors outside of scenarios."""
    return isinstance(reporter, JUnitReporter | SummaryReporter)
