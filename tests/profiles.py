"""The sections that a profile may have: those of every slice that is there."""

import importlib

from support.kit.profile import SectionType
from support.run.slices import known_slices


def every_section() -> dict[str, SectionType]:
    return {name: importlib.import_module(f"support.{name}.target").SECTION for name in known_slices()}
