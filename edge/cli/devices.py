"""Commands about devices: list them and what is wrong with them; names, rooms, what is hidden and guarded."""

from typing import Annotated, Any

import typer

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row, new_table, say
from edge.cli.talk import Json

devices_app = typer.Typer(
    help="What the home has and does right now; names, rooms, and what is hidden or guarded.",
    invoke_without_command=True,
)

Device = Annotated[str, typer.Argument(help="Its id as `edge devices` lists it, or any of its names.")]


@devices_app.callback()
def devices(
    context: typer.Context,
    area: Annotated[str | None, typer.Option("--area", metavar="ROOM", help="Only this room.")] = None,
    problems: Annotated[
        bool, typer.Option("--problems", help="What cannot be used, or only in part, and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what the home has, and what everything does right now."""
    if context.invoked_subcommand:
        return
    if problems:
        _list_problems(door(context).do("problems"), as_json)
        return
    found: dict[str, dict[str, Any]] = door(context).do("devices")
    if area:
        found = {key: row for key, row in found.items() if (row["area"] or "").casefold() == area.casefold()}
    if as_json:
        print_json(found)
        return
    _list_devices(found)


@devices_app.command("rename")
def rename(
    context: typer.Context,
    device: Device,
    name: Annotated[str, typer.Argument(help="What it is called from now on, in quotes.")],
) -> None:
    """Give a device another name, which the home file keeps."""
    say(door(context).do("rename", device=device, name=name))


@devices_app.command("alias")
def alias(
    context: typer.Context,
    device: Device,
    names: Annotated[list[str], typer.Argument(help="Further names, each in quotes.", metavar="NAME...")],
    remove: Annotated[bool, typer.Option("--remove", help="Take these names away instead.")] = False,
) -> None:
    """Give a device further names, by which people may call it as well."""
    say(door(context).do("alias", device=device, names=names, remove=remove))


@devices_app.command("room")
def room(
    context: typer.Context,
    device: Device,
    name: Annotated[str, typer.Argument(help="The room; one that is not there yet is made.", metavar="ROOM")],
) -> None:
    """Put a device into a room."""
    say(door(context).do("move", device=device, room=name))


@devices_app.command("hide")
def hide(context: typer.Context, device: Device) -> None:
    """Speak of a device no more, and never move it."""
    say(door(context).do("hide", device=device))


@devices_app.command("show")
def show(context: typer.Context, device: Device) -> None:
    """Speak of a hidden device again."""
    say(door(context).do("show", device=device))


@devices_app.command("guard")
def guard(
    context: typer.Context,
    device: Device,
    off: Annotated[bool, typer.Option("--off", help="Let it move without a yes, whatever it is.")] = False,
) -> None:
    """Have a device move only after a spoken yes, or the PIN: a relay that opens a garage, for example."""
    say(door(context).do("guard", device=device, guarded=not off))


def _list_devices(found: dict[str, dict[str, Any]]) -> None:
    if not found:
        say("No devices. Is the broker right, and does anything announce itself there? See edge devices --problems")
        return
    table = new_table("device", "name", "room", "state", "guarded")
    for device_id, row in sorted(found.items(), key=lambda item: (item[1]["area"] or "", item[0])):
        guarded = "needs a yes" if row["tier"] == "guarded" else ""
        add_row(table, device_id, row["name"], row["area"] or "", _state_words(row), guarded)
    console.print(table)


def _list_problems(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    if not found:
        say("No problems: whatever announces itself can be used.")
        return
    table = new_table("where", "what is wrong")
    for each in found:
        add_row(table, each["where"], each["reason"])
    console.print(table)


def _state_words(row: dict[str, Any]) -> str:
    known = {"name", "aliases", "area", "domain", "device_class", "tier", "state"}
    more = ", ".join(f"{key} {value}" for key, value in row.items() if key not in known and value is not None)
    return f"{row['state']} ({more})" if more else str(row["state"])
