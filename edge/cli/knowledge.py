"""Commands about what is known, revision by revision: which came into force, what changed, and back again."""

from typing import Annotated, Any

import typer

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row, new_table, say
from edge.cli.talk import Json

knowledge_app = typer.Typer(
    help="What it knows of the home and has learned, revision by revision: list, compare, go back.",
    no_args_is_help=True,
)

Revision = Annotated[int, typer.Argument(min=0, help="A revision, as `edge knowledge log` lists it.")]


@knowledge_app.command("log")
def log(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list.")] = 20,
    as_json: Json = False,
) -> None:
    """List the revisions that came into force, latest first, and why."""
    found: list[dict[str, Any]] = door(context).do("knowledge_log", limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say('Nothing is known yet. Say something: edge say "turn on the kitchen light"')
        return
    table = new_table("revision", "since", "because", "devices", "skills", "habits", "rules")
    for row in found:
        counts = (str(row[name]) for name in ("devices", "skills", "habits", "rewrites"))
        add_row(table, str(row["revision"]), row["at"][:16].replace("T", " "), row["reason"], *counts)
    console.print(table)


@knowledge_app.command("diff")
def diff(context: typer.Context, before: Revision, after: Revision, as_json: Json = False) -> None:
    """Show what is known in one revision and not, or otherwise, in another."""
    found: list[dict[str, Any]] = door(context).do("knowledge_diff", before=before, after=after)
    if as_json:
        print_json(found)
        return
    if not found:
        say(f"Revisions {before} and {after} do not differ.")
        return
    table = new_table("what", "change", "name", "detail")
    for row in found:
        add_row(table, row["kind"], row["change"], row["name"], row["detail"])
    console.print(table)


@knowledge_app.command("rollback")
def rollback(context: typer.Context, revision: Revision) -> None:
    """Put in force again what had been learned by a revision; the home stays as it is."""
    say(door(context).do("roll_back", revision=revision))
