"""The command that learns now, and tells what came of it."""

from typing import Annotated

import typer

from edge.cli.door import door, print_json
from edge.cli.tables import say
from edge.cli.talk import Json


def learn(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be learned; publish nothing.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Tell what was said as well.")] = False,
    as_json: Json = False,
) -> None:
    """Learn now, as at night, from what was said again after something went wrong."""
    found = door(context).do("learn", dry=dry_run, show=show)
    if as_json:
        print_json(found)
        return
    for line in found["lines"]:
        say(line)
