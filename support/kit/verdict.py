"""How the steps of a scenario went: told by the runner when they are over, for slices that keep something for the next one."""

_went_well = False


def tell_steps(*, went_well: bool) -> None:
    """Every step of the scenario has passed or was left out; or not, or not yet."""
    global _went_well
    _went_well = went_well


def steps_went_well() -> bool:
    """Whether none of them has failed. False while they run, and where nobody has told."""
    return _went_well
