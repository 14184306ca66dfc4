"""Command lines out of a profile: found beside it, filled in, named, and asked for their version."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from support.kit.errors import InfrastructureError

ROOT = Path(__file__).resolve().parents[2]
VERSION_LIMIT = 10.0
"""Seconds that a program may take to tell its version."""
UNKNOWN_VERSION = "of unknown version"
INTERPRETERS = ("python", "python3", "node", "sh", "bash", "perl", "env")
_PLACEHOLDER = re.compile(r"(?<!\$){[a-z]\w*}", re.ASCII)  # ${NAME} is for a shell


def require_known_placeholders(arguments: Iterable[str], known: Sequence[str]) -> None:
    """ValueError naming the first `{word}` that is not among `known` (with their braces)."""
    for argument in arguments:
        for found in _PLACEHOLDER.findall(argument):
            if found not in known:
                raise ValueError(f"unknown placeholder {found}; known: {', '.join(known)}")


def located(argv: Sequence[str], profile: Path) -> tuple[str, ...]:
    """The arguments, with those that name a file beside the profile turned into its path. A bare program comes from PATH."""
    folder = profile.resolve().parent

    def place(index: int, argument: str) -> str:
        bare_program = index == 0 and "/" not in argument and shutil.which(argument) is not None
        if bare_program or argument.startswith("-") or "{" in argument or not argument:
            return argument
        return str(folder / argument) if (folder / argument).is_file() else argument

    return tuple(place(index, argument) for index, argument in enumerate(argv))


def filled(argv: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The arguments with every `{name}` of `values` replaced; other braces, and those in a value, stay as they are."""
    if not values:
        return list(argv)
    pattern = re.compile("|".join(re.escape(f"{{{name}}}") for name in values))
    return [pattern.sub(lambda match: values[match[0][1:-1]], argument) for argument in argv]


def program_name(argv: Sequence[str], otherwise: str) -> str:
    """The first argument that looks like the program rather than like its interpreter; `otherwise` where none does."""
    words = [Path(word).name for word in argv if not word.startswith("-") and "{" not in word]
    return next((word for word in words if word not in INTERPRETERS), words[0] if words else otherwise)


def told_version(argv: Sequence[str], who: str) -> str:
    """The first line that the program prints. InfrastructureError, naming `who`, where it fails or takes too long."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=VERSION_LIMIT, check=True, cwd=ROOT)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or ""
        raise InfrastructureError(f"{who} does not tell its version: {error} {said[-500:]}".strip()) from error
    return next(iter(done.stdout.split("\n")), "").strip() or UNKNOWN_VERSION


def version_of(version: str | Sequence[str] | None, profile: Path, who: str) -> str:
    """What a profile's `version` comes to: the text itself, or what its command tells."""
    if version is None or isinstance(version, str):
        return version or UNKNOWN_VERSION
    return told_version(located(version, profile), who)
