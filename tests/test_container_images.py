"""Images of our own: built once for the same content, without a network, on a base that is there. Needs a Docker engine."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from container_parts import REQUIRED, WITHIN, Yard, swept, yard

from support.kit import base_image, images, site_packages
from support.kit.container import Container
from support.kit.engine import EngineError
from support.kit.errors import InfrastructureError
from support.kit.site_packages import Python

__all__ = ["swept", "yard"]

DOCKERFILE = """
ARG BASE=python:3.12-slim
FROM ${BASE}
COPY site/ /app/site/
COPY lamp/ /app/lamp/
ENV PYTHONPATH=/app:/app/site
USER 65534:65534
CMD ["python3", "-m", "lamp"]
"""
HERE = Python(f"{sys.version_info[0]}.{sys.version_info[1]}", "x86_64")


class Lamp:
    """A little program to make an image of, and its files."""

    def __init__(self, folder: Path) -> None:
        self.dockerfile = folder / "Dockerfile"
        self.package = folder / "lamp"
        self.main = self.package / "__main__.py"
        self.package.mkdir()
        self.dockerfile.write_text(DOCKERFILE)
        self.main.write_text("print('shines')\n")

    def build(self, *requirements: str) -> str:
        return images.build("test-lamp", self.dockerfile, {"lamp": self.package}, requirements)


def names(yard: Yard) -> set[str]:
    found = yard.engine.api.images(filters={"label": f"{images.IMAGE_LABEL}=test-lamp"})
    return {tag for image in found for tag in image["RepoTags"] or ()}


@pytest.fixture
def lamp(yard: Yard, tmp_path: Path) -> Iterator[Lamp]:
    yield Lamp(tmp_path)
    for name in names(yard):
        yard.engine.api.remove_image(name, force=True)


def says(yard: Yard, tag: str) -> str:
    with Container.run(tag, name="lamp", log=yard.folder / f"{tag.rpartition(':')[2]}.log", user=None) as container:
        container.wait(WITHIN)
        return container.logged()


def test_an_image_runs_what_it_was_made_of(yard: Yard, lamp: Lamp) -> None:
    assert says(yard, lamp.build()) == "shines\n"


def test_the_same_content_is_built_once_and_another_content_is_another_image(
    yard: Yard, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    build_it = images._build

    def counted(engine: object, name: str, tag: str, *rest: object) -> None:
        built.append(tag)
        build_it(engine, name, tag, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(images, "_build", counted)
    first = lamp.build()
    (lamp.package / "__pycache__").mkdir()
    (lamp.package / "__pycache__" / "main.pyc").write_bytes(b"other")
    lamp.main.touch()
    assert lamp.build() == first
    lamp.main.write_text("print('is dark')\n")
    second = lamp.build()
    assert built == [first, second]
    assert (says(yard, first), says(yard, second)) == ("shines\n", "is dark\n")
    lamp.main.chmod(0o755)
    (lamp.package / "empty").mkdir()
    assert len({first, second, lamp.build()}) == 3


def test_old_images_go_and_the_newest_stay(yard: Yard, lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "KEPT", 2)
    tags = []
    for number in range(4):
        lamp.main.write_text(f"print({number})\n")
        tags.append(lamp.build())
    assert names(yard) == set(tags[2:])


def test_a_build_that_fails_tells_what_was_said_and_leaves_no_container(yard: Yard, lamp: Lamp) -> None:
    with lamp.dockerfile.open("a") as file:
        file.write('RUN ["python3", "-c", "raise SystemExit(\'no bulb\')"]\n')
    with pytest.raises(images.BuildError, match=r"(?s)the image plainwire-test-lamp:\w+ cannot be built:.*no bulb"):
        lamp.build()
    left = yard.engine.api.containers(all=True)
    assert not [one for one in left if "no bulb" in one["Command"]]


def test_a_build_has_no_network(yard: Yard, lamp: Lamp) -> None:
    with lamp.dockerfile.open("a") as file:
        file.write('RUN ["python3", "-c", "import os; assert os.listdir(\'/sys/class/net\') == [\'lo\']"]\n')
    assert says(yard, lamp.build()) == "shines\n"


def test_what_is_required_is_installed_for_the_python_inside(yard: Yard, lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp.main.write_text("import msgspec; print(msgspec.json.decode(b'[1, 2]'))\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(yard.folder / "cache"))
    try:
        tag = lamp.build("msgspec>=0.18,<1")
    except InfrastructureError as error:
        if REQUIRED or "pip cannot install" not in str(error):
            raise
        pytest.skip(f"no package registry: {error}")
    assert says(yard, tag) == "[1, 2]\n"
    assert not list((yard.folder / "cache" / "plainwire").glob("plainwire-site-*")), "what was under way is gone"


# --- the base


def test_the_environment_names_the_base(yard: Yard, lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = lamp.build()
    yard.engine.api.tag(yard.image, "plainwire-test-base", "other")
    try:
        monkeypatch.setenv(base_image.VARIABLE, "plainwire-test-base:other")
        assert lamp.build() == usual, "the content counts, not the name"
        assert base_image.base_image(yard.engine).name == "plainwire-test-base:other"
    finally:
        yard.engine.api.remove_image("plainwire-test-base:other")


def test_a_base_that_is_not_there_is_told_with_the_command_that_brings_it(
    yard: Yard, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(base_image.VARIABLE, "plainwire-none:1")
    with pytest.raises(base_image.NoBaseImageError, match=r"names plainwire-none:1, .*: docker pull plainwire-none:1"):
        lamp.build()
    monkeypatch.delenv(base_image.VARIABLE)
    monkeypatch.setattr(base_image, "WANTED", ("plainwire-none:1", "plainwire-none:2"))
    with pytest.raises(
        base_image.NoBaseImageError, match=r"neither plainwire-none:1 nor plainwire-none:2; this makes one: bash \.ci/base-image"
    ):
        lamp.build()
    assert (Path(__file__).parents[1] / base_image.MAKE_IT.split()[1]).is_file()


def test_the_python_inside_is_asked_once(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(yard.folder / "cache"))
    asked = base_image.base_image(yard.engine).python
    assert asked.version.startswith("3.")
    monkeypatch.setattr(base_image, "ASK", "raise SystemExit('asked again')")
    assert base_image.base_image(yard.engine).python == asked


def test_an_image_without_python_is_no_base(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(yard.folder / "cache"))
    monkeypatch.setattr(base_image, "ASK", "raise SystemExit('no snake')")
    with pytest.raises(EngineError, match=r"cannot ask an image for its Python: .*no snake"):
        base_image.base_image(yard.engine)


# --- packages


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "plainwire"


def test_nothing_required_is_an_empty_folder_made_once(cache: Path) -> None:
    folder = site_packages.site_packages([], HERE)
    assert list(folder.iterdir()) == []
    (folder / "mark").touch()
    assert (site_packages.site_packages([], HERE) / "mark").exists()
    assert list(cache.iterdir()) == [folder]


def test_a_package_that_nobody_has_is_told_with_pips_words(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        InfrastructureError, match=r"(?s)pip cannot install plainwire-none for Python 3.* on x86_64:.*plainwire-none"
    ):
        site_packages.site_packages(["plainwire-none"], HERE)
    assert list(cache.iterdir()) == []


def test_pip_has_a_limit(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_packages, "LIMIT", 0.01)
    with pytest.raises(InfrastructureError, match=r"has not installed plainwire-none within 0.01 s"):
        site_packages.site_packages(["plainwire-none"], HERE)


def test_another_run_that_was_quicker_is_right(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = site_packages.private_folder

    def slower(parent: Path, purpose: str) -> Path:
        folder = make(parent, purpose)
        monkeypatch.setattr(site_packages, "private_folder", make)
        (site_packages.site_packages([], HERE) / "first").touch()
        return folder

    monkeypatch.setattr(site_packages, "private_folder", slower)
    assert (site_packages.site_packages([], HERE) / "first").exists()
    assert len(list(cache.iterdir())) == 1


def test_the_order_of_requirements_does_not_matter_and_all_else_does() -> None:
    one = site_packages.key_of(["a", "b"], HERE)
    assert site_packages.key_of(["b", "a"], HERE) == one
    others = [
        site_packages.key_of(["a"], HERE),
        site_packages.key_of(["a", "b"], Python("3.9", "x86_64")),
        site_packages.key_of(["a", "b"], Python(HERE.version, "aarch64")),
    ]
    assert len({one, *others}) == 4


def test_a_file_that_vanished_is_told(yard: Yard, lamp: Lamp) -> None:
    shutil.rmtree(lamp.package)
    with pytest.raises(FileNotFoundError):
        lamp.build()
