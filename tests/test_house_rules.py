"""The house rules, read from the code itself: who may import whom, sizes, names, documentation, and silence in logs."""

import ast
import graphlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]

LAYERS: Final = {
    "words": "records turn knowledge commands entries intents risk errors text clock names numerals phonetics sayable "
    "lived model_files rewrites settings signals sound_vector templating toml_lines wall",
    "cellar": "store config profiles manifest fetching paths systemd",
    "rooms": "hearing asr context rewriting nlu resolution dialogue action home skills agenda speech "
    "feedback isolation labels teaching",
    "flow": "pipeline",
    "house": "runtime api home_names live_home own_device voice voice_models conversation replay learned learning "
    "looking_back",
    "doors": "cli service control desk doctor bench web __main__",
}
"""Every module and folder of edge/ by layer; a new one gets its place here and in edge/ARCHITECTURE.md."""

MAY_IMPORT: Final = {
    "words": {"words"},
    "cellar": {"cellar", "words"},
    "rooms": {"words"},  # and each room itself
    "flow": {"words"},
    "house": {"house", "flow", "rooms", "cellar", "words"},
    "doors": {"doors", "house", "flow", "rooms", "cellar", "words"},
}
LAYER_OF: Final = {name: layer for layer, names in LAYERS.items() for name in names.split()}

HEAVY: Final = {"onnxruntime", "faster_whisper", "ctranslate2", "piper", "sounddevice", "amqtt", "tokenizers"}
"""Runtimes that cost seconds or megabytes to import: a World file may import them where they are needed."""

WORLD_ONLY: Final = HEAVY | {
    "sqlite3", "sqlite_utils", "paho", "socket", "socketserver", "ssl", "http", "urllib.request", "subprocess",
    "multiprocessing", "asyncio", "fcntl", "signal", "shutil", "tempfile", "wave", "time",
}  # fmt: skip
PURE: Final = {"paho.mqtt.matcher", "paho.mqtt.client.topic_matches_sub"}
"""What a library of the world has to offer that is only reckoning."""

FILE_LINES_MAX: Final = 500
FUNCTION_LINES_MAX: Final = 70
VAGUE_NAMES: Final = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
LEVELS: Final = {"debug", "info", "warning", "error", "exception", "critical", "log"}

SPOKEN: Final = {
    "text", "typed", "said", "words", "payload", "name", "names", "alias", "aliases", "speaker", "alternatives",
    "samples", "sound", "audio", "value", "values", "slots", "answer",
}  # fmt: skip
"""What may carry somebody's words, names or voice, so that it never stands in a log."""
CARRIERS: Final = {
    "turn", "transcript", "utterance", "phrasing", "interpretation", "step", "response", "context", "message",
}  # fmt: skip
"""Records that hold such things: one of their harmless fields (turn.turn_id) may be logged, the whole may not."""

UNFINISHED: Final = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b|/wo" r"rk/|/tm" r"p/v\b")
TOP_LEVEL: Final = {
    "pyproject.toml", "edge", "models", "device_profiles", "tests", "scripts", "README.md", "LICENSE", "CHANGELOG.md",
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One file of edge/, read."""

    path: Path

    @property
    def name(self) -> str:
        """As it is imported: edge.home.mqtt."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    @property
    def place(self) -> str:
        """The name under edge/: its room, or its own."""
        return self.name.split(".")[1] if "." in self.name else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def touches_the_world(self) -> bool:
        return (ast.get_docstring(self.tree) or "").startswith("World:")

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def imports(self, tree: ast.AST | None = None) -> Iterator[tuple[int, str]]:
        """Line and full name of all that is imported; `from a import b` is a.b."""
        for node in ast.walk(tree or self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def at(self, line: int, what: str) -> str:
        return f"{self.path.relative_to(ROOT)}:{line} {what}"


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of edge/."""
    return tuple(Module(path) for path in sorted((ROOT / "edge").rglob("*.py")))


def begins_with(name: str, packages: set[str]) -> bool:
    """Whether an imported name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def tracked_files() -> list[str]:
    """What git keeps; without git, what lies here."""
    if shutil.which("git"):
        listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=False)
        if listed.stdout:
            return listed.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]


# --- imports ---------------------------------------------------------------------------------------------------------


def test_every_module_has_a_place() -> None:
    """A file or folder of edge/ belongs to one layer, and its name says what is in it."""
    places = {module.place for module in modules()} - {""}
    assert places - LAYER_OF.keys() == set()
    assert [module.name for module in modules() if module.path.stem in VAGUE_NAMES] == []


def test_imports_run_one_way() -> None:
    """Doors look into the house, the house into rooms and cellar, all of them at the words; rooms know nobody."""
    wrong = []
    for module in modules():
        for line, imported in module.imports():
            package, _, rest = imported.partition(".")
            target = rest.split(".")[0]
            if package != "edge" or not module.place or target == module.place:
                continue
            layer = LAYER_OF.get(module.place, "words")
            if LAYER_OF.get(target) not in MAY_IMPORT[layer]:
                wrong.append(module.at(line, f"{layer} must not import {imported}"))
    assert wrong == []


def test_no_module_is_imported_in_a_circle() -> None:
    """The files of edge/ can be put in an order in which each needs only those before it."""
    known = {module.name for module in modules()}
    graph = {
        module.name: {name if name in known else name.rpartition(".")[0] for _, name in module.imports()} & known
        for module in modules()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_imports_stand_at_the_top() -> None:
    """Only a World file may import late, and only a heavy runtime."""
    wrong = {
        module.at(line, imported)
        for module in modules()
        for function in module.functions
        for line, imported in module.imports(function)
        if not (module.touches_the_world and begins_with(imported, HEAVY))
    }
    assert wrong == set()


def test_only_world_files_touch_the_world() -> None:
    """Devices, files, network, processes and the clock are reached by files that say so in their first word."""
    wrong = [
        module.at(line, imported)
        for module in modules()
        if not module.touches_the_world
        for line, imported in module.imports()
        if begins_with(imported, WORLD_ONLY) and not begins_with(imported, PURE)
    ]
    assert wrong == []


def test_time_comes_in_as_a_clock() -> None:
    """Nothing but World files asks the machine what time it is, so that a simulated clock rules everything."""
    wrong = [
        module.at(node.lineno, ast.unparse(node))
        for module in modules()
        if not module.touches_the_world
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"datetime.now", "datetime.utcnow", "date.today"}
    ]
    assert wrong == []


# --- sizes, words, documentation -------------------------------------------------------------------------------------


def test_files_and_functions_are_short() -> None:
    """No file is longer than 500 lines, no function longer than 70."""
    wrong = [
        module.at(lines, "lines")
        for module in modules()
        if (lines := len(module.path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    ]
    wrong += [
        module.at(function.lineno, f"{function.name}: {lines} lines")
        for module in modules()
        for function in module.functions
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert wrong == []


def is_protocol(node: ast.stmt) -> bool:
    """Whether this is a class that only names what another one must be able to do."""
    return isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases)


def test_what_is_public_is_documented() -> None:
    """Every module, public class and public function says in a docstring what it is for; a Protocol's name may do."""
    wrong = [module.at(1, "module") for module in modules() if not ast.get_docstring(module.tree)]
    wrong += [
        module.at(node.lineno, node.name)
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if not node.name.startswith("_") and not ast.get_docstring(node) and not is_protocol(node)
    ]
    assert wrong == []


def test_records_are_frozen() -> None:
    """What travels through the pipeline cannot be changed in place."""
    wrong = [
        module.at(node.lineno, node.name)
        for module in modules()
        if LAYER_OF.get(module.place) == "words"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if ast.unparse(decorator).startswith("dataclass") and "frozen=True" not in ast.unparse(decorator)
    ]
    assert wrong == []


def test_every_setting_is_explained() -> None:
    """`edge config show` and the sample settings file have a sentence for each key."""
    from edge.settings import Settings

    sections = {name: field.annotation for name, field in Settings.model_fields.items()}
    assert [name for name, section in sections.items() if not (section and section.__doc__)] == []
    keys = [
        f"{name}.{key}: {field.description}"
        for name, section in sections.items()
        for key, field in getattr(section, "model_fields", {}).items()
    ]
    assert len(keys) > 20
    assert [key for key in keys if not key.endswith(".")] == []


def test_every_command_is_explained() -> None:
    """Each command, option and argument of `edge` has a help text."""
    import typer.main

    from edge.cli import app

    def explained(name: str, command: object) -> Iterator[str]:
        if not getattr(command, "help", None):
            yield f"{name} has no help"
        for parameter in getattr(command, "params", ()):
            if not getattr(parameter, "help", None) and not getattr(parameter, "hidden", False):
                yield f"{name} {parameter.name} has no help"
        for child, below in getattr(command, "commands", {}).items():
            yield from explained(f"{name} {child}", below)

    edge = typer.main.get_command(app)
    assert {"run", "chat", "say", "hear", "devices", "turns", "replay", "models", "config", "doctor", "bench"} <= set(
        getattr(edge, "commands", ())
    )
    assert list(explained("edge", edge)) == []


def test_nothing_is_left_unfinished() -> None:
    """No note to self, no empty promise, and no path of the place where this was written."""
    wrong = []
    for name in tracked_files():
        if not name.startswith(("edge/", "tests/", "scripts/", "models/", "device_profiles/")) or "__pycache__" in name:
            continue
        try:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # weights and sounds; and what was removed but is still in git's list
        wrong += [f"{name}:{number} {line.strip()}" for number, line in enumerate(lines, 1) if UNFINISHED.search(line)]
    assert wrong == []


def test_the_top_level_stays_as_it_is() -> None:
    """The root holds what the layout names, and dot-files."""
    top = {name.split("/")[0] for name in tracked_files()}
    assert {name for name in top - TOP_LEVEL if not name.startswith(".")} == set()


# --- silence in logs -------------------------------------------------------------------------------------------------


def log_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call of a logger's method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = ast.unparse(node.func.value).rpartition(".")[2]
            if owner in {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"}:
                yield node


def told_by(call: ast.Call) -> Iterator[str]:
    """The names in a log call's arguments that may carry what somebody said."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    nodes = [node for argument in arguments for node in ast.walk(argument)]
    owners = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in SPOKEN:
            yield ast.unparse(node)
        if isinstance(node, ast.Name) and (node.id in SPOKEN or (node.id in CARRIERS and id(node) not in owners)):
            yield node.id


def test_no_speech_in_logs() -> None:
    """What somebody said, typed or is called never reaches a log."""
    wrong = [
        module.at(call.lineno, told)
        for module in modules()
        for call in log_calls(module.tree)
        for told in told_by(call)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["log.info('heard %s', text)", "self._log.info(f'{turn.transcript.text}')", "logging.debug('%s', turn)"]
)
def test_the_rule_about_logs_sees_speech(line: str) -> None:
    """The rule above finds speech in a call, also inside an f-string and as a whole record."""
    (call,) = log_calls(ast.parse(line))
    assert list(told_by(call))


def test_the_rule_about_logs_lets_harmless_fields_pass() -> None:
    """The number of a turn and a reason of ours may be logged."""
    (call,) = log_calls(ast.parse("log.warning('turn %s failed: %s', turn.turn_id, failed.reason)"))
    assert list(told_by(call)) == []


# --- lint, format, types ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["ruff check", "ruff format --check", "mypy"])
def test_lint_format_and_types_are_clean(tool: str) -> None:
    """What `scripts/check` asks first; annotations of every argument are among it."""
    result = subprocess.run(
        [sys.executable, "-m", *tool.split()],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
