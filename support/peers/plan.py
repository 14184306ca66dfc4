"""What chargers a scenario wants, before any of them runs."""

from dataclasses import dataclass, replace

CONTROLLER = "{controller}"
"""In a setting: where the first charger of the plan is reached."""


@dataclass(frozen=True)
class Plan:
    """One charger. `name`: the hostname that it is given, None for one that nobody gives a name. `settings`: its config."""

    board: bool = False
    name: str | None = ""
    settings: tuple[tuple[str, str], ...] = ()

    def with_settings(self, **settings: object) -> "Plan":
        """This one with more settings, all of load sharing."""
        more = tuple((f"loadsharing_{key}", written(value)) for key, value in settings.items())
        return replace(self, settings=(*self.settings, *more))


def written(value: object) -> str:
    """A setting's value as a node's command line has it."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
