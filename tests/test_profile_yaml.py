import os
from pathlib import Path

import pytest

from support.kit.profile_errors import ProfileError
from support.kit.profile_yaml import expand, read_yaml

NOT_SAFE = "could not determine a constructor for the tag 'tag:yaml.org,2002:python/object/apply:os.getcwd'"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "x.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reason(path: Path) -> str:
    with pytest.raises(ProfileError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def test_yaml_is_read(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, "a: {b: [1, 'x']}\nc: Küche\n")) == {"a": {"b": [1, "x"]}, "c": "Küche"}


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert reason(tmp_path / "none.yaml") == "there is no such file"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert reason(tmp_path) == "is a folder, not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1")
    path.chmod(0)
    assert reason(path) == "cannot be read: Permission denied"


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a: 1") / "deeper.yaml") == "cannot be read: Not a directory"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty, must be sections with keys and values"),
        ("# nothing\n", "is empty, must be sections with keys and values"),
        ("- a\n", "is a list, must be sections with keys and values"),
        ("text\n", "is a str, must be sections with keys and values"),
        (b"a: \xff\n", "is not UTF-8 text: byte 3 is wrong"),
        ("a: 1\nb: {c: 1, d: 2, c: 3}\n", "bad YAML in line 2, column 17: the key c stands here twice"),
        ("a: 1\n\na: 2\n", "bad YAML in line 3, column 1: the key a stands here twice"),
        ("a: [1\nb: 2\n", "bad YAML in line 2, column 2: expected ',' or ']', but got ':'"),
        ("a: !!python/object/apply:os.getcwd []\n", f"bad YAML in line 1, column 4: {NOT_SAFE}"),
        ("a: 1\n---\nb: 2\n", "bad YAML in line 2, column 1: but found another document"),
        ("a: 2026-13-01\n", "bad YAML: month must be in 1..12"),
        ("? [a]\n: 1\n", "bad YAML in line 1, column 3: found unhashable key"),
    ],
)  # fmt: skip
def test_what_is_no_profile_is_refused(tmp_path: Path, content: str | bytes, told: str) -> None:
    assert reason(written(tmp_path, content)) == told


def test_a_control_character_is_refused(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a: \x01\n")).startswith("bad YAML: unacceptable character #x0001")


def test_a_merge_may_be_overridden(tmp_path: Path) -> None:
    content = read_yaml(written(tmp_path, "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n"))
    assert content["b"] == {"x": 3, "y": 2}


def test_variables_are_replaced_in_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMP_A", "one")
    monkeypatch.setenv("LAMP_EMPTY", "")
    monkeypatch.delenv("LAMP_NONE", raising=False)
    content: dict[str, object] = {
        "plain": "{port} $HOME $ {x}",
        "list": ["${LAMP_A}-${LAMP_A}", 7, None],
        "deep": {"default": "${LAMP_NONE:-two: [3]}", "empty": "<${LAMP_EMPTY}>", "used": "${LAMP_A:-x}"},
        "empty default": "<${LAMP_NONE:-}>",
        "empty and default": "${LAMP_EMPTY:-three}",
        "literal": "$${LAMP_A} $$${LAMP_A}",
        "${LAMP_A}": "keys stay",
    }
    assert expand(Path("x.yaml"), content) == {
        "plain": "{port} $HOME $ {x}",
        "list": ["one-one", 7, None],
        "deep": {"default": "two: [3]", "empty": "<>", "used": "one"},
        "empty default": "<>",
        "empty and default": "three",
        "literal": "${LAMP_A} $${LAMP_A}",
        "${LAMP_A}": "keys stay",
    }
    assert content["list"] == ["${LAMP_A}-${LAMP_A}", 7, None]


def test_what_a_variable_holds_is_not_expanded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMP_A", "${LAMP_B}")
    assert expand(Path("x.yaml"), {"a": "${LAMP_A}"}) == {"a": "${LAMP_B}"}


def test_every_missing_variable_is_named_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAMP_NONE", raising=False)
    monkeypatch.delenv("LAMP_MORE", raising=False)
    with pytest.raises(ProfileError) as caught:
        expand(Path("x.yaml"), {"a": {"b": ["ok", "${LAMP_NONE}"]}, "c": "${LAMP_MORE}"})
    assert str(caught.value).splitlines() == [
        "x.yaml: a.b.1: the environment variable LAMP_NONE is not set",
        "x.yaml: c: the environment variable LAMP_MORE is not set",
    ]


@pytest.mark.parametrize("text", ["${LAMP", "${}", "${1A}", "${LAMP-x}", "a ${ b"])
def test_a_variable_that_is_badly_written_is_refused(text: str) -> None:
    with pytest.raises(ProfileError, match=r"x\.yaml: a: a variable is written \$\{NAME\}"):
        expand(Path("x.yaml"), {"a": text})


def test_a_key_that_is_no_text_is_refused(tmp_path: Path) -> None:
    content = read_yaml(written(tmp_path, "a:\n  on: 1\n  7: 2\n"))
    with pytest.raises(ProfileError) as caught:
        expand(Path("x.yaml"), content)
    assert str(caught.value).splitlines() == [
        "x.yaml: a.True: a key must be text: put it in quotes",
        "x.yaml: a.7: a key must be text: put it in quotes",
    ]


def test_a_value_that_contains_itself_is_refused(tmp_path: Path) -> None:
    content = read_yaml(written(tmp_path, "a: &a\n  b: [*a]\n"))
    with pytest.raises(ProfileError, match=r"x\.yaml: a\.b\.0: contains itself"):
        expand(Path("x.yaml"), content)


def test_a_value_may_stand_in_two_places(tmp_path: Path) -> None:
    content = read_yaml(written(tmp_path, "a: &a [1]\nb: *a\n"))
    assert expand(Path("x.yaml"), content) == {"a": [1], "b": [1]}
