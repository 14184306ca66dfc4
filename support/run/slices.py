"""Slices are found by name: a folder `support/<slice>` with a `target` module. None is ever imported statically."""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import support
from support.kit.profile import Profile, ProfileError, load_profile
from support.kit.slice import OffersTarget, OffersWorld, Target
from support.run.errors import RunRefusedError


def known_slices() -> tuple[str, ...]:
    """Names of all slices in the project, sorted."""
    folders = [Path(place) for place in support.__path__]
    packages = (module.name for module in pkgutil.iter_modules(support.__path__) if module.ispkg)
    return tuple(sorted(name for name in packages if any((place / name / "target.py").is_file() for place in folders)))


def slice_of(tags: Iterable[str], known: Iterable[str]) -> str | None:
    """The slice that a feature's tags name; None where they name none or more than one."""
    named = sorted(set(known) & {str(tag) for tag in tags})
    return named[0] if len(named) == 1 else None


def world_module(name: str) -> OffersWorld:
    return cast(OffersWorld, importlib.import_module(f"support.{name}.world"))


class Targets:
    """The targets of a run, opened once per slice.

    RunRefusedError when the profile is no good; that is known at once, for all slices together.
    """

    def __init__(self, profile: Path) -> None:
        self._modules = {name: cast(OffersTarget, importlib.import_module(f"support.{name}.target")) for name in known_slices()}
        self._profile = self._load(profile)
        self._opened: dict[str, Target | Exception] = {}

    def _load(self, path: Path) -> Profile:
        try:
            return load_profile(path, {name: module.SECTION for name, module in self._modules.items()})
        except ProfileError as error:
            raise RunRefusedError(str(error)) from error

    def open(self, name: str) -> Target:
        """The slice's target. What went wrong on the first call goes wrong again on the next ones."""
        if name not in self._opened:
            try:
                self._opened[name] = self._modules[name].open_target(self._profile.section(name), self._profile.path)
            except Exception as error:  # noqa: BLE001  # kept, and raised below
                self._opened[name] = error
        opened = self._opened[name]
        if isinstance(opened, Exception):
            raise opened
        return opened
