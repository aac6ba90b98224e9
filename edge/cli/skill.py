"""Commands for skill files: list, check, try, hear."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from edge.cli.door import console, door, print_json
from edge.cli.talk import QUIET, Json
from edge.clock import WallClock
from edge.errors import ConfigError
from edge.hearing.wav import read_wav
from edge.knowledge import Knowledge, Skill
from edge.nlu.classifier import Classifier
from edge.nlu.skills import SkillUnderstanding
from edge.paths import shipped
from edge.records import Interpretation
from edge.runtime import build_runtime
from edge.settings import Settings, SkillsSettings
from edge.skills.folder import SkillFolder
from edge.skills.rehearsal import rehearsed
from edge.skills.skill_file import examples_path, read_skill
from edge.turn import Turn

skill_app = typer.Typer(
    help="Skills without code: files that say what can be said, and what it does.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="The skill file (TOML).")]


@skill_app.command("list")
def list_skills(context: typer.Context, as_json: Json = False) -> None:
    """List the skills that are loaded, what each serves, and files with mistakes."""
    folder = door(context).load().settings.skills.folder
    found = SkillFolder(folder)
    if as_json:
        skills = [{"name": s.name, "file": s.file, "intents": [i.name for i in s.intents]} for s in found.skills()]
        print_json({"folder": folder, "skills": skills, "problems": [asdict(each) for each in found.problems()]})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("skill", "serves", "file"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "skill")
    for skill in found.skills():
        serves = ", ".join(intent.name.rpartition(".")[2] for intent in skill.intents)
        table.add_row(Text(skill.name), Text(serves), Text(skill.file))
    if found.skills():
        console.print(table)
    else:
        _print(f"No skills in {folder}.")
    for problem in found.problems():
        _print(str(problem))
    _print(f"Examples to copy and change: {examples_path()}")


@skill_app.command("check")
def check_skill(file: File, as_json: Json = False) -> None:
    """Explain the mistakes in a skill file, line by line."""
    result = read_skill(file)
    problems = () if isinstance(result, Skill) else result
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            _print(str(problem))
    if problems:
        raise typer.Exit(1)
    if not as_json:
        _print(f"{file} is fine.")


@skill_app.command("try")
def try_skill(
    file: File,
    text: Annotated[str, typer.Argument(help='What somebody says, in quotes: "water the roses".')],
    as_json: Json = False,
) -> None:
    """Show how a sentence is understood by this skill alone, and what it would do; nothing is done."""
    skill = _skill(file)
    understanding = SkillUnderstanding(Classifier.load(shipped("models") / "nlu"))
    readings = understanding.interpret(text, Knowledge(0, skills=(skill,)))
    found = [_parse(reading, skill) for reading in readings]
    if as_json:
        print_json({"text": text, "readings": found})
    else:
        _show(found[0] if found else None)
    if not found:
        raise typer.Exit(1)


@skill_app.command("hear")
def hear_skill(
    context: typer.Context,
    file: File,
    wav: Annotated[Path, typer.Argument(help="WAV file of any usual kind, with or without the wake word.")],
    as_json: Json = False,
) -> None:
    """Hear a recording with this skill loaded, in the simulated home: what was heard, and how it was understood."""
    skill, sound = _skill(file), read_wav(wav)
    turns = _heard(door(context).load().settings, file, sound)
    told = [_told(turn, skill) for turn in turns]
    if as_json:
        print_json(told)
    else:
        for each in told:
            _print(f"heard: {each['heard'] or QUIET}")
            _show(each["reading"])
    if not any(each["reading"] and "does" in each["reading"] for each in told):
        raise typer.Exit(1)


def _heard(settings: Settings, file: Path, sound: Any) -> list[Turn]:
    """The turns in a sound, by the real recogniser, in a home where nothing real can move."""
    settings = settings.model_copy(update={"skills": SkillsSettings()})
    runtime = build_runtime(settings, clock=WallClock(), in_process=True, store=":memory:", voice=True, skills=[file])
    try:
        assert runtime.voice is not None
        return runtime.voice.hear(runtime.conversation, sound, "wav", None, "unknown")
    finally:
        runtime.close()


def _skill(file: Path) -> Skill:
    """The skill, or its first mistake as an error."""
    result = read_skill(file)
    if isinstance(result, Skill):
        return result
    more = f" (and {len(result) - 1} more: see edge skill check {file})" if len(result) > 1 else ""
    raise ConfigError(f"{result[0]}{more}")


def _told(turn: Turn, skill: Skill) -> dict[str, Any]:
    steps = [done.step.interpretation for done in turn.done_steps]
    meant = steps[0] if steps else getattr(turn.decision, "interpretation", None)
    return {
        "heard": turn.transcript.text if turn.transcript else "",
        "confidence": turn.transcript.confidence if turn.transcript else 0.0,
        "alternatives": list(turn.transcript.alternatives) if turn.transcript else [],
        "reading": _parse(meant, skill) if meant else None,
        "reply": turn.response.text if turn.response else "",
    }


def _parse(reading: Interpretation, skill: Skill) -> dict[str, Any]:
    """Intent, slots and confidence; and what the skill would do, where it is the skill's."""
    slots = {key: value for key, value in reading.slots.items() if key != "skill_intent"}
    name = str(reading.slots.get("skill_intent", reading.intent))
    intent = next((intent for intent in skill.intents if intent.name == name), None)
    parse = {"intent": name, "slots": slots, "confidence": reading.confidence}
    if intent is None:
        return parse
    how = "one of its sentences" if reading.confidence >= 1.0 else "other words"
    return {**parse, "by": how, "confirm": intent.confirm, "does": rehearsed(intent, slots)}


def _show(parse: dict[str, Any] | None) -> None:
    if parse is None:
        _print("Not understood. Say it as one of the skill's sentences has it, or add a sentence.")
        return
    by = f", by {parse['by']}" if "by" in parse else ", which is not this skill's"
    _print(f"intent: {parse['intent']} (confidence {parse['confidence']:.2f}{by})")
    for name, value in parse["slots"].items():
        _print(f"slot:   {name} = {value!r}")
    if parse.get("confirm"):
        _print("asks:   for a yes first")
    for deed in parse.get("does", ()):
        _print(f"does:   {' '.join(f'{key} {value}' for key, value in deed.items() if value != {})}")


def _print(line: str) -> None:
    console.print(line, markup=False, highlight=False)
