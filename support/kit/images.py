"""Images of our own programs: built once for the same content, without a network."""

import hashlib
import io
import stat
import tarfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from support.kit.base_image import BaseImage, base_image, image_id
from support.kit.engine import Engine, EngineError, telling, the_engine
from support.kit.site_packages import key_of, site_packages

IMAGE_LABEL = "plainwire.image"
KEPT = 4
"""Images of one name that stay, the newest: other checkouts may use them."""
FORMAT = "1"
"""Another one when images are built differently from the same content."""
SITE = "site"
"""Where the third-party packages are in the context."""
BORN = 315532800
"""1980, seconds since 1970: the time of every file, so that the same content is the same image."""

_one_at_a_time = threading.Lock()
_Files = Sequence[tuple[str, Path]]


class BuildError(EngineError):
    """An image could not be built."""


def build(name: str, dockerfile: Path, files: Mapping[str, Path], requirements: Sequence[str] = ()) -> str:
    """The tag of the image `plainwire-<name>` that `dockerfile` makes of `files` and `requirements`; built where it is missing.

    files: path in the context -> file or folder here (without __pycache__). The context holds the folder `site/`, too, with
    `requirements` installed for the Python of the base image; the Dockerfile gets the base's name as the argument BASE. Its RUN
    has no network. The tag tells the content: Dockerfile, files, requirements and base. NoBaseImageError; BuildError with the end
    of the engine's output; InfrastructureError of pip.
    """
    engine = the_engine()
    with _one_at_a_time:
        base = base_image(engine)
        context = [("Dockerfile", dockerfile), *_spread(files)]
        tag = f"plainwire-{name}:{_hash(context, base, key_of(requirements, base.python))}"
        if image_id(engine, tag) is None:
            site = site_packages(requirements, base.python)
            packed = _pack([*context, *_spread({SITE: site})])
            _build(engine, name, tag, base, packed)
            _drop_old(engine, name)
    return tag


def _spread(files: Mapping[str, Path]) -> list[tuple[str, Path]]:
    """Every file and every folder by its path in the context, in order."""
    found = []
    for inside, path in files.items():
        found.append((inside, path))
        below = sorted(path.rglob("*")) if path.is_dir() else []
        found += [(f"{inside}/{one.relative_to(path).as_posix()}", one) for one in below if "__pycache__" not in one.parts]
    return sorted(found)


def _hash(context: _Files, base: BaseImage, site: str) -> str:
    told = hashlib.sha256("\n".join((FORMAT, base.id, site)).encode())
    for inside, path in context:
        content = path.read_bytes() if path.is_file() else b""
        told.update(f"\n{inside} {_mode(path):o} {len(content)}\n".encode())
        told.update(content)
    return told.hexdigest()[:16]


def _mode(path: Path) -> int:
    """What its owner may do, for everybody, and without anybody's right to write but the owner's."""
    return 0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644


def _pack(context: _Files) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for inside, path in context:
            entry = tarfile.TarInfo(inside)
            entry.mtime, entry.mode = BORN, _mode(path)
            if path.is_dir():
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            else:
                content = path.read_bytes()
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _build(engine: Engine, name: str, tag: str, base: BaseImage, packed: io.BytesIO) -> None:
    said: list[str] = []
    with telling(f"build the image {tag}"):
        steps: Iterable[Mapping[str, str]] = engine.api.build(
            fileobj=packed,
            custom_context=True,
            dockerfile="Dockerfile",
            tag=tag,
            buildargs={"BASE": base.name},
            labels={IMAGE_LABEL: name},
            network_mode="none",
            rm=True,
            forcerm=True,
            decode=True,
        )
        for step in steps:
            said += step.get("stream", step.get("error", "")).splitlines()
            if "error" in step:
                end = "\n".join(said[-20:])
                raise BuildError(f"the image {tag} cannot be built:\n{end}")
    if image_id(engine, tag) is None:
        raise BuildError(f"the image {tag} was built and is not there")


def _built(engine: Engine, image: str) -> str:
    """When: to be compared, and finer than the whole seconds that a list of images tells. Empty: another run has removed it."""
    from docker.errors import NotFound  # type: ignore[import-untyped]

    try:
        told = str(engine.api.inspect_image(image)["Created"])
    except NotFound:
        return ""
    seconds, _, rest = told.removesuffix("Z").partition(".")
    return f"{seconds}.{rest:0<9}"


def _drop_old(engine: Engine, name: str) -> None:
    """All but the newest; one that a container still uses stays, too."""
    from docker.errors import APIError

    with telling(f"list the images of {name}"):
        ours = engine.api.images(filters={"label": f"{IMAGE_LABEL}={name}"}, quiet=True)
        for image in sorted(ours, key=lambda image: _built(engine, image), reverse=True)[KEPT:]:
            try:
                engine.api.remove_image(image)
            except APIError as error:
                if error.status_code not in (404, 409):
                    raise
