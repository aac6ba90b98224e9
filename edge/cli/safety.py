"""Commands about what is guarded: the PIN, and who tried to move what."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from edge.cli.door import console, door, print_json
from edge.cli.talk import Json
from edge.errors import ConfigError

pin_app = typer.Typer(
    help="The PIN that locks, garage, alarm and the like want instead of a yes: set it, or take it away.",
    no_args_is_help=True,
)


@pin_app.command("set")
def set_pin(context: typer.Context) -> None:
    """Ask for a PIN of 4 to 10 digits and keep it, as a hash that nobody can turn back into digits."""
    digits = typer.prompt("New PIN", hide_input=True)
    if typer.prompt("Once more", hide_input=True) != digits:
        raise ConfigError("The two were not the same; nothing was changed.")
    door(context).do("set_pin", digits=digits.replace(" ", ""))
    console.print("From now on guarded devices want this PIN. To lock or close something a yes is still enough.")


@pin_app.command("clear")
def clear_pin(context: typer.Context) -> None:
    """Take the PIN away: guarded devices want a yes again."""
    door(context).do("set_pin", digits="")
    console.print("There is no PIN any more; guarded devices want a yes.")


def audit(
    context: typer.Context,
    device: Annotated[str | None, typer.Option("--device", metavar="ID", help="Only this device_id.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list.")] = 50,
    as_json: Json = False,
) -> None:
    """List who tried to move something guarded, and what came of it, newest first."""
    found: list[dict[str, Any]] = door(context).do("audit", limit=limit, device_id=device)
    if as_json:
        print_json(found)
        return
    table = Table("when", "device", "command", "result", "by", "turn", box=None, pad_edge=False, header_style="bold")
    for row in found:
        when = row["at"][:19].replace("T", " ")
        cells = (when, row["device_id"], row["command"], row["result"], row["source"], row["turn_id"])
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table if found else "Nobody has tried to move anything guarded yet.")
