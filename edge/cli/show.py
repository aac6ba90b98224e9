"""Commands that show: turns, replay, models, config."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress
from rich.table import Table

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row, new_table
from edge.cli.talk import Json
from edge.config import rows as setting_rows
from edge.config import sample_toml
from edge.errors import ConfigError, ModelError
from edge.manifest import Manifest

models_app = typer.Typer(help="The models of hearing and speech: list them, check them.", no_args_is_help=True)
config_app = typer.Typer(
    help="The settings: show each and where it came from, or write a first edge.toml.", no_args_is_help=True
)


def turns(
    context: typer.Context,
    turn: Annotated[str | None, typer.Argument(help="Show this turn whole; 'last' is the latest.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list.")] = 20,
    failed: Annotated[bool, typer.Option("--failed", help="Only turns that stopped at a failure.")] = False,
    as_json: Json = False,
) -> None:
    """List the latest turns, or show one with all its stages."""
    if turn:
        whole = door(context).do("turn", turn_id=turn)
        if as_json:
            print_json(whole)
        else:
            _show_turn(whole)
        return
    listed = door(context).do("turns", limit=limit, failed=failed)
    if as_json:
        print_json(listed)
        return
    table = new_table("turn", "said", "intent", "reply")
    for row in listed:
        add_row(table, row["turn_id"], row["said"] or "", row["intent"] or "", row["reply"] or "")
    console.print(table if listed else 'No turns yet. Say something: edge say "turn on the kitchen light"')


def replay(
    context: typer.Context,
    turn: Annotated[str, typer.Argument(help="The turn, as `edge turns` lists it; 'last' is the latest.")],
    latest: Annotated[
        bool, typer.Option("--latest", help="Under what is known today instead of what was known then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Live through a stored turn again, without moving anything, and tell what differs."""
    result = door(context).do("replay", turn_id=turn, latest=latest)
    if as_json:
        print_json(result)
        return
    if result["same"]:
        console.print(f"{result['turn_id']}: the same again.", markup=False, highlight=False)
        return
    console.print(f"{result['turn_id']}: differs in {', '.join(result['differences'])}.", markup=False, highlight=False)
    console.print(f"  then: {result['before']['response']['text']}", markup=False, highlight=False)
    console.print(f"  now:  {result['after']['response']['text']}", markup=False, highlight=False)


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models, where each comes from, and whether it is here."""
    listed = Manifest.load().rows()
    if as_json:
        print_json(listed)
        return
    table = new_table("model", "stage", "size", "licence", "state")
    for row in listed:
        size = f"{row['size_bytes'] / 1e6:.1f} MB"
        add_row(table, row["name"], row["stage"], size, row["licence"], row["state"])
    console.print(table)


@models_app.command("verify")
def verify_models(context: typer.Context) -> None:
    """Check every model that your settings need against its sha256; a second time only what changed."""
    manifest, wrong = Manifest.load(), []
    needed = manifest.needed(door(context).load().settings)
    with Progress(console=console, transient=True) as progress:
        for name in progress.track(needed, description="Checking models"):
            try:
                manifest.verify(name)
            except ModelError as error:
                wrong.append(str(error))
    if wrong:
        raise ModelError("\n".join(wrong))
    console.print(f"All {len(needed)} models are here and whole.")


@models_app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="The model, as `edge models list` names it.")],
) -> None:
    """Download a model that comes in no package, and check it."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(name, total=None)
        path = Manifest.load().fetch(name, lambda done, total: progress.update(task, completed=done, total=total))
    console.print(f"{name} is here: {path}", markup=False, highlight=False)


@config_app.command("show")
def show_config(context: typer.Context, as_json: Json = False) -> None:
    """Print each setting, its value and where it came from."""
    loaded = door(context).load()
    listed = setting_rows(loaded)
    if as_json:
        print_json([{"key": row.key, "value": row.value, "origin": row.origin} for row in listed])
        return
    table = new_table("setting", "value", "from", "meaning")
    for row in listed:
        add_row(table, row.key, str(row.value), row.origin, row.description)
    console.print(table)


@config_app.command("init")
def init_config(
    file: Annotated[Path, typer.Argument(help="File to write.")] = Path("edge.toml"),
) -> None:
    """Write a first edge.toml in which every setting is explained and commented out."""
    if file.exists():
        raise ConfigError(f"{file} is there already; nothing was changed. Name another file, or edit it.")
    file.write_text(sample_toml(), encoding="utf-8")
    console.print(f"Wrote {file}.", markup=False)


def _show_turn(turn: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    transcript = turn["transcript"] or {"text": "", "confidence": 0.0, "alternatives": []}
    add_row(table, "turn", f"{turn['turn_id']}, {turn['started_at']}, knowledge revision {turn['knowledge_revision']}")
    add_row(table, "where", f"room {turn['room'] or '-'}, speaker {turn['speaker']}")
    add_row(table, "heard", f"{transcript['text']!r} (confidence {transcript['confidence']:.2f})")
    for other in transcript["alternatives"]:
        add_row(table, "", f"or {other!r}")
    for attempt in turn["attempts"]:
        if attempt["rule_id"]:
            tried = "left out this time" if attempt["held_out"] else "only tried"
            used = "taken for it" if attempt["rule_id"] == turn["rewrite"] else tried
            add_row(table, "by a rule", f"{attempt['text']!r} ({attempt['rule_id']}, {used})")
    for step in turn["steps"]:
        _show_step(table, step)
    if turn["failure"]:
        add_row(table, "failed", f"{turn['failure']['point']}: {turn['failure']['reason']}")
    add_row(table, "reply", f"{turn['response']['text']!r} ({turn['response']['kind']})")
    add_row(table, "took", ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in turn["timings_ms"].items()))
    console.print(table)


def _show_step(table: Table, step: dict[str, Any]) -> None:
    meant, action, outcome = step["interpretation"], step["action"], step["outcome"]
    slots = ", ".join(f"{key}={value}" for key, value in meant["slots"].items())
    add_row(table, "meant", f"{meant['intent']} ({slots}) by {meant['source']}")
    if action:
        values = " ".join(f"{key}={value}" for key, value in action["values"].items())
        add_row(table, "action", f"{action['command']} {values} -> {', '.join(action['targets']) or 'nobody'}")
    if outcome:
        for message in outcome["sent"]:
            add_row(table, "sent", f"{message['topic']} {message['payload']}")
        add_row(table, "confirmed", {True: "yes", False: "no", None: "cannot tell"}[outcome["confirmed"]])
