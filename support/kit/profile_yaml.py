"""The file of a profile: safe YAML without repeated keys, and `${NAME}` out of the environment."""

import os
import re
from collections.abc import Hashable
from pathlib import Path

import yaml

from support.kit.profile_errors import Problem, ProfileError

_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_]\w*)(?P<or>:-(?P<default>[^}]*))?\}|\$\{", re.ASCII)


class _Loader(yaml.SafeLoader):
    """Plain YAML keeps the last of two equal keys and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                told = f"the key {name} stands here twice"
                raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, object]:
    """The keys and values of the file. ProfileError for one that is missing, unreadable, not YAML, no mapping."""
    try:
        content: object = yaml.load(path.read_text("utf-8"), _Loader)
    except FileNotFoundError as error:
        raise ProfileError(path, [Problem("", "there is no such file")]) from error
    except IsADirectoryError as error:
        raise ProfileError(path, [Problem("", "is a folder, not a file")]) from error
    except OSError as error:
        raise ProfileError(path, [Problem("", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ProfileError(path, [Problem("", f"is not UTF-8 text: byte {error.start} is wrong")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ProfileError(path, [Problem("", f"bad YAML{where}: {error.problem}")]) from error
    except (yaml.YAMLError, ValueError) as error:  # a control character; a date such as 2026-13-01
        raise ProfileError(path, [Problem("", f"bad YAML: {' '.join(str(error).split())}")]) from error
    if not isinstance(content, dict):
        kind = "is empty" if content is None else f"is a {type(content).__name__}"
        raise ProfileError(path, [Problem("", f"{kind}, must be sections with keys and values")])
    return content


def expand(path: Path, content: dict[str, object]) -> dict[str, object]:
    """The same with the variables in its strings replaced; keys are left as they are.

    `${NAME}` must be set; `${NAME:-default}` stands for the default when NAME is unset or empty, as in a shell;
    `$${` is a literal `${`. What a variable holds is text and stays text: it cannot bring in YAML. ProfileError
    naming every variable that is missing, a key that is no text, or a value that contains itself.
    """
    problems: list[Problem] = []

    def text(value: str, key: str) -> str:
        def replaced(found: re.Match[str]) -> str:
            name = found["name"]
            if found[0] == "$${":
                return "${"
            if name is None:
                forms = "${NAME} or ${NAME:-default}; $${ is a literal ${"
                problems.append(Problem(key, f"a variable is written {forms}"))
            elif found["or"] is not None:
                return os.environ.get(name) or found["default"]
            elif name in os.environ:
                return os.environ[name]
            else:
                problems.append(Problem(key, f"the environment variable {name} is not set"))
            return found[0]

        return _VARIABLE.sub(replaced, value)

    def walk(value: object, key: str, above: tuple[int, ...]) -> object:
        if isinstance(value, str):
            return text(value, key)
        if not isinstance(value, dict | list):
            return value
        if id(value) in above:
            problems.append(Problem(key, "contains itself"))
            return value
        above += (id(value),)
        if isinstance(value, list):
            return [walk(item, _joined(key, index), above) for index, item in enumerate(value)]
        for name in value:
            if not isinstance(name, str):
                problems.append(Problem(_joined(key, name), "a key must be text: put it in quotes"))
        return {name: walk(item, _joined(key, name), above) for name, item in value.items()}

    expanded = walk(content, "", ())
    if problems:
        raise ProfileError(path, problems)
    assert isinstance(expanded, dict)
    return expanded


def _joined(key: str, part: object) -> str:
    return f"{key}.{part}" if key else str(part)
