import math
from dataclasses import FrozenInstanceError, dataclass

import pytest

from support.kit.slice import RunSettings, Target


@dataclass(frozen=True)
class Lamp:
    name: str = "lamp"
    version: str = "1"

    def missing(self, need: str) -> str | None:
        return {"power": None, "dimmer": "a lamp is on or off"}[need]


def test_a_target_may_be_a_frozen_dataclass() -> None:
    target: Target = Lamp()
    assert (target.name, target.version, target.missing("power")) == ("lamp", "1", None)
    with pytest.raises(LookupError):
        target.missing("wings")


def test_settings_have_the_agreed_defaults_and_do_not_change() -> None:
    settings = RunSettings()
    assert (settings.patience, settings.strict, settings.timing_strict, settings.step_limit) == (1.0, False, False, 60.0)
    with pytest.raises(FrozenInstanceError):
        settings.patience = 2.0  # type: ignore[misc]


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize("name", ["patience", "step_limit"])
def test_a_span_that_is_none_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a number above 0"):
        RunSettings(**{name: value})  # type: ignore[arg-type]
