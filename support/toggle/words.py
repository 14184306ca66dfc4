"""Small words of the feature files that mean numbers or lists."""


def parse_states(text: str) -> list[str]:
    """`on, off, on` as a list."""
    return text.split(", ")


def parse_time(text: str, first_wait: float) -> float:
    """`0.2 s`, or `4 x the first wait`, in seconds. ValueError for anything else."""
    if text.endswith(" x the first wait"):
        return int(text.removesuffix(" x the first wait")) * first_wait
    if text.endswith(" s"):
        return float(text.removesuffix(" s"))
    raise ValueError(f"not a time: {text!r}")
