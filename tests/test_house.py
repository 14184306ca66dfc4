"""The house rules: what a feature file, a step and a module must look like. Each rule names what breaks it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from behave.model import Feature, Rule, Scenario, ScenarioOutline
from behave.parser import parse_file

ROOT = Path(__file__).resolve().parents[1]
FEATURES = sorted((ROOT / "features").rglob("*.feature"))
STEPS = sorted((ROOT / "steps").glob("*.py"))
MODULES = sorted((ROOT / "support").rglob("*.py"))
FORBIDDEN_IN_STEPS = {"socket", "asyncio", "subprocess", "docker", "json", "time", "threading", "requests", "websockets", "os"}
STEP_LINES, STEP_MODULE_LINES, ENVIRONMENT_LINES, MODULE_LINES = 5, 200, 150, 420
FORBIDDEN_TITLE = re.compile(r"\b(checks?|verif(?:y|ies)|tests?|should)\b", re.IGNORECASE)
TECHNICAL = re.compile(
    r"\b(https?://|localhost|127\.0\.0\.1|JSON|regex|stdout|stderr|stdin|python|shell|TCP|socket)\b", re.IGNORECASE
)
FIRST_PERSON = re.compile(r"(?<![\"\w])I(?![\"\w])")
TIME = re.compile(r"\b\d+(?:\.\d+)?(?:ms|s|sec|secs|seconds?|min)\b")


@cache
def parsed(path: Path) -> Feature:
    return parse_file(str(path))


def scenarios(feature: Feature) -> list[Scenario]:
    """Scenarios and outlines as written, not their rows."""
    return list(feature.walk_scenarios(with_outlines=True)) and [
        item
        for container in [feature, *(rule for rule in feature.run_items if isinstance(rule, Rule))]
        for item in container.run_items
        if isinstance(item, Scenario)
    ]


ALL = [(path, scenario) for path in FEATURES for scenario in scenarios(parsed(path))]
NAMED = pytest.mark.parametrize(("path", "scenario"), ALL, ids=[f"{path.stem}: {scenario.name}" for path, scenario in ALL])
EACH_FEATURE = pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
EACH_STEPS = pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def step_functions(path: Path) -> list[ast.FunctionDef]:
    words = {"given", "when", "then", "step"}
    return [
        node
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(isinstance(mark, ast.Call) and getattr(mark.func, "id", "") in words for mark in node.decorator_list)
    ]


def known_tags() -> set[str]:
    return set(re.findall(r"`@([\w.]+)`", (ROOT / "docs" / "tags.md").read_text(encoding="utf-8")))


# --- feature files


@NAMED
def test_every_scenario_has_an_id_of_its_slice(path, scenario):
    ids = [tag for tag in scenario.tags if re.fullmatch(r"[A-Z]{3}-\d{2,}", tag)]
    assert len(ids) == 1, f"{scenario.name!r} has the ids {ids}"


def test_ids_are_unique_and_titles_too():
    ids = [tag for _, scenario in ALL for tag in scenario.tags if re.fullmatch(r"[A-Z]{3}-\d+", tag)]
    assert sorted(ids) == sorted(set(ids))
    titles = [scenario.name for _, scenario in ALL if not isinstance(scenario, ScenarioOutline)]
    assert sorted(titles) == sorted(set(titles))


@EACH_FEATURE
def test_tags_come_from_the_dictionary(path):
    feature = parsed(path)
    tags = set(feature.tags) | {tag for _, scenario in ALL if scenario.feature is feature for tag in scenario.tags}
    ids = {tag for tag in tags if re.fullmatch(r"[A-Z]{3}-\d+", tag)}
    assert tags - ids <= known_tags()
    assert path.parent.name in feature.tags, "the slice's tag stands on the Feature"


@NAMED
def test_a_scenario_is_one_example(path, scenario):
    steps = scenario.steps
    assert 3 <= len(steps) <= 6, f"{len(steps)} steps"
    kinds = [step.step_type for step in steps]
    assert kinds == sorted(kinds, key=["given", "when", "then"].index), "Given, then When, then Then"
    assert sum(step.keyword == "When" for step in steps) == 1, "one When"
    assert "then" in kinds


@NAMED
def test_titles_are_in_the_present_tense_and_promise_something(path, scenario):
    assert not FORBIDDEN_TITLE.search(scenario.name)


@EACH_FEATURE
def test_every_rule_has_an_example_and_every_feature_says_who_cares(path):
    feature = parsed(path)
    assert feature.description, "a Feature has a short description"
    rules = [item for item in feature.run_items if isinstance(item, Rule)]
    assert rules, "promises are grouped under Rules"
    for rule in rules:
        assert rule.run_items, f"the Rule {rule.name!r} has no example"
        assert not FORBIDDEN_TITLE.search(rule.name)
        assert len(rule.background.steps if rule.background else []) <= 3


@NAMED
def test_steps_are_in_a_product_owners_words(path, scenario):
    for step in scenario.steps:
        said = re.sub(r'"[^"]*"|<[^>]*>', "", step.name)
        assert not FIRST_PERSON.search(said), step.name
        assert not TECHNICAL.search(said), step.name
        assert not TIME.search(said), f"a time is a number, a space and a unit: {step.name}"


@NAMED
def test_examples_have_titles_and_equal_rows_do_not_repeat(path, scenario):
    for examples in getattr(scenario, "examples", []):
        assert examples.name, f"the Examples of {scenario.name!r} have no title"
        rows = [tuple(row.cells) for row in examples.table.rows]
        assert len(rows) == len(set(rows))


# --- steps


@EACH_STEPS
def test_steps_import_drivers_and_nothing_below_them(path):
    for node in ast.walk(tree(path)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] not in FORBIDDEN_IN_STEPS, f"{path.name} imports {name}"
            assert not name.startswith(("steps", "environment")), f"{path.name} imports {name}"
            assert "_steps" not in name, f"{path.name} imports another step module: {name}"


@EACH_STEPS
def test_steps_are_short_and_return_nothing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= STEP_MODULE_LINES
    for function in step_functions(path):
        assert isinstance(function, ast.FunctionDef), f"{function.name} is async; behave would freeze its loop between steps"
        body = function.body[-1].end_lineno - function.body[0].lineno + 1
        assert body <= STEP_LINES, f"{function.name} has {body} lines"
        returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
        assert not returns, f"{function.name} returns a value, which behave ignores: a False would pass"


@EACH_STEPS
def test_a_then_promises_something(path):
    for function in step_functions(path):
        words = {mark.func.id for mark in function.decorator_list}
        if "then" in words:
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            promising = [call for call in calls if re.search(r"\b(require|expect)", ast.unparse(call.func))]
            assert promising, f"{path.name}: {function.name} promises nothing"


# --- modules


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are_for(path):
    text = path.read_text(encoding="utf-8")
    if path.name != "liars.py":  # a list of many small things, not one idea
        assert len(text.splitlines()) <= MODULE_LINES
    if text.strip():
        assert ast.get_docstring(tree(path)), f"{path.name} has no docstring"


def test_the_composition_root_is_short():
    assert len((ROOT / "environment.py").read_text(encoding="utf-8").splitlines()) <= ENVIRONMENT_LINES


@pytest.mark.parametrize("path", [*MODULES, *STEPS, ROOT / "environment.py"], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_exception_is_swallowed(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            assert not all(isinstance(line, ast.Pass) for line in node.body), f"line {node.lineno}: except and pass"


@pytest.mark.parametrize("path", sorted(ROOT.glob("support/*/reference/**/*.py")), ids=lambda path: path.name)
def test_a_reference_system_does_not_know_that_it_is_tested(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("support."):
            slice_name = path.relative_to(ROOT / "support").parts[0]
            allowed = (f"support.{slice_name}.protocol", f"support.{slice_name}.reference")
            assert node.module.startswith(allowed), f"imports {node.module}"


def test_the_glue_and_the_reports_name_no_slice():
    slices = {path.parent.name for path in FEATURES}
    for path in [*(ROOT / "support" / "run").glob("*.py"), *(ROOT / "support" / "report").glob("*.py"), ROOT / "environment.py"]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not any(f"support.{name}" in ast.unparse(node) for name in slices), f"{path.name}: {ast.unparse(node)}"
