"""The command that shows what was concluded from how turns went, without anybody's labelling them."""

from typing import Annotated

import typer

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row, new_table
from edge.cli.talk import Json


def labels(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", "-d", min=1, max=366, help="How many days to look back.")] = 14,
    least: Annotated[float, typer.Option("--least", min=0, max=1, help="List what is at least so sure.")] = 0.5,
    listed: Annotated[bool, typer.Option("--list", help="List failed turns with what was meant.")] = False,
    as_json: Json = False,
) -> None:
    """Show how many turns served what was wanted, and what failed ones should have been taken for."""
    found = door(context).do("labels", days=days, least=least)
    if as_json:
        print_json(found)
        return
    if not found["turns"]:
        console.print("No labels yet. They are made at night, from turns and from what followed them.")
        return
    console.print(
        f"{found['turns']} turns: {found['success']} served, {found['defect']} failed, {found['unknown']} unknown; "
        f"of {len(found['projected'])} it is known what was meant.",
        markup=False,
        highlight=False,
    )
    if not listed:
        return
    table = new_table("turn", "heard", "should have been", "intent", "sure")
    for each in found["projected"]:
        add_row(table, each["turn_id"], each["heard"], each["text"], each["intent"], f"{each['confidence']:.2f}")
    console.print(table)
