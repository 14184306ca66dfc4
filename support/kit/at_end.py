"""What is to be ended with the run, and not with the scenario that began it."""

from collections.abc import Callable

_endings: list[Callable[[], object]] = []


def at_end_of_run(end: Callable[[], object]) -> None:
    """Call `end` when the run ends, however it does; last in, first out."""
    _endings.append(end)


def end_everything() -> None:
    """Call what was registered; every one gets its turn. Raises what the first of them raised."""
    errors: list[Exception] = []
    while _endings:
        try:
            _endings.pop()()
        except Exception as error:  # noqa: BLE001  # told below, when the others have had their turn
            errors.append(error)
    if errors:
        raise errors[0]
