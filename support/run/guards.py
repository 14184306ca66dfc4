"""behave accepts many things in silence that make a run worth nothing. Here they are refused, or watched."""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import behave.runner

from support.run.behave_types import Config, Context, Registry, Runner, StepFunction, is_async
from support.run.errors import RunRefusedError

LISTING = frozenset(
    ("steps", "steps.doc", "steps.catalog", "steps.usage", "steps.bad", "steps.missing", "sphinx.steps", "tags", "tags.location")
)
"""Formatters that describe the suite instead of running it."""


Report = Callable[[BaseException, str], None]
"""Is told an error and where it came up."""


class RunsParts(Protocol):
    """What the guards hand over to: see `support.run.conduct.Conduct`."""

    def run_step(self, function: StepFunction, context: Context, args: Sequence[object], kwargs: dict[str, object]) -> None: ...
    def run_hook(self, name: str, hook: Callable[..., object], context: Context, args: Sequence[object]) -> None: ...
    def run_clean_up(self, function: Callable[[], object]) -> object: ...


def only_lists(config: Config) -> bool:
    return config.dry_run or (bool(config.format) and all(name in LISTING for name in config.format or ()))


def refused_settings(config: Config) -> list[str]:
    """What behave would accept and then do wrong."""
    wrong = []
    if config.jobs > 1:
        wrong.append(f"--jobs {config.jobs}: behave 1.3.3 takes this and still runs one scenario after the other; leave it out")
    bad = [name for name in config.format or () if name.startswith("progress")]
    if bad:
        wrong.append(
            f"-f {bad[0]}: in behave 1.3.3 this formatter crashes on a clean-up error and takes all reports with it; "
            "leave it out, or use plain or pretty"
        )
    return wrong


def refused_steps(registry: Registry) -> list[str]:
    """Step definitions that behave dropped, or that would run outside of the suite's own event loop."""
    wrong = [f"bad step definition, ignored by behave: {bad.pattern!r}" for bad in registry.error_handler.bad_step_definitions]
    for matchers in registry.steps.values():
        for matcher in matchers:
            if is_async(matcher.func):
                wrong.append(f"async step function at {matcher.location}: steps are plain functions that call a driver")
    return wrong


def guard_steps(registry: Registry, conduct: RunsParts) -> None:
    for matchers in registry.steps.values():
        for matcher in matchers:
            matcher.func = _guarded_step(matcher.func, conduct)


def _guarded_step(function: StepFunction, conduct: RunsParts) -> StepFunction:
    @functools.wraps(function)
    def step(context: Context, *args: object, **kwargs: object) -> None:
        conduct.run_step(function, context, args, kwargs)

    return step


def guard_hooks(hooks: dict[str, object], conduct: RunsParts) -> None:
    for name, hook in list(hooks.items()):
        if name.startswith(("before_", "after_")) and callable(hook):
            hooks[name] = _guarded_hook(name, hook, conduct)


def _guarded_hook(name: str, hook: Callable[..., object], conduct: RunsParts) -> Callable[..., None]:
    @functools.wraps(hook)
    def guarded(context: Context, *args: object) -> None:
        conduct.run_hook(name, hook, context, args)

    return guarded


def guard_clean_ups(context: Context, conduct: RunsParts) -> None:
    """Whatever layer is cleaned up (scenario, feature, run): each of its functions runs under `conduct.run_clean_up`."""
    original = context._do_cleanups

    def guarded() -> None:
        if context._stack:
            layer = context._stack[0]
            layer["@cleanups"] = [functools.partial(conduct.run_clean_up, one) for one in layer.get("@cleanups", ())]
        original()

    context._do_cleanups = guarded


def report_early_errors(runner: Runner, conduct: RunsParts, report: Report) -> None:
    """behave prints what goes wrong before the first hook, and forgets it. Have it reported too."""
    load_steps = runner.load_step_definitions

    def guard_hooks_and_load_steps() -> None:
        guard_hooks(runner.hooks, conduct)
        load_steps()

    runner.load_step_definitions = _reported(guard_hooks_and_load_steps, "loading the steps", report)
    runner.feature_locations = _reported(runner.feature_locations, "finding the features", report)
    for name, at in (("parse_features", "reading the features"), ("make_formatters", "opening the formatters")):
        setattr(behave.runner, name, _reported(getattr(behave.runner, name), at, report))


def _reported(function: Callable[..., object], at: str, report: Report) -> Callable[..., object]:
    @functools.wraps(function)
    def reported(*args: object, **kwargs: object) -> object:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            report(error, at)
            raise

    return reported


def raise_all(wrong: Iterable[str]) -> None:
    """RunRefusedError with everything that is wrong, if anything is."""
    text = "\n".join(wrong)
    if text:
        raise RunRefusedError(text)
