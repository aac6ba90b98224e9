"""Commands that look back: why a turn went as it did, and how the last days went."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row
from edge.cli.talk import Json
from edge.isolation.health import DEFECTS

BAR_CELLS = 40
SHADES = {"false_wake": "░", "asr": "▒", "nlu": "▓", "entity": "▚", "result": "█"}
STYLES = {"false_wake": "bright_black", "asr": "cyan", "nlu": "magenta", "entity": "yellow", "result": "red"}
"""Block and colour of every defect: one can be read without the other."""


def why(
    context: typer.Context,
    turn: Annotated[str, typer.Argument(help="The turn, as `edge turns` lists it; 'last' is the latest.")] = "last",
    as_json: Json = False,
) -> None:
    """Tell in plain words what was heard, how it was understood, what was chosen and why, and what went wrong."""
    found = door(context).do("why", turn_id=turn)
    if as_json:
        print_json({key: value for key, value in found.items() if key != "lines"})
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for label, sentence in found["lines"]:
        add_row(table, label, sentence)
    console.print(table)


def health(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", "-d", min=1, max=366, help="How many days to look back.")] = 14,
    as_json: Json = False,
) -> None:
    """Show how the last days went: defects by where they began, false wakes per hour, questions asked per day."""
    found = door(context).do("health", days=days)
    if as_json:
        print_json(found)
        return
    if not found["turns"]:
        console.print('No turns yet. Say something: edge say "turn on the kitchen light"')
        return
    _plot(found["days"])
    shares = ", ".join(f"{SHADES[point]} {_called(point)} {100 * found['shares'][point]:.1f} %" for point in DEFECTS)
    console.print(
        f"{found['turns']} turns, {100 * found['defects']:.1f} % with a defect of ours: {shares}", markup=False
    )
    told_apart = ", ".join(
        f"{_called(point)} {100 * found['shares'][point]:.1f} %" for point in ("not_confirmed", "unsupported")
    )
    console.print(f"No defects of ours: {told_apart}", markup=False)
    console.print(f"False wakes: {found['false_wakes_an_hour']:.2f} an hour", markup=False)
    console.print(f"Questions asked: {found['questions_a_day']:.1f} a day", markup=False)


def _plot(days: list[dict[str, Any]]) -> None:
    """A line a day: its turns, and a bar of its defects."""
    most = max(sum(day["points"][point] for point in DEFECTS) for day in days)
    table = Table(box=None, pad_edge=False)
    for name in ("day", "turns", "questions"):
        table.add_column(name, justify="left" if name == "day" else "right")
    table.add_column("defects")
    for day in days:
        counts: dict[str, int] = {point: day["points"][point] for point in DEFECTS}
        bar = Text()
        for point, cells in _cells(counts, most).items():
            bar.append(SHADES[point] * cells, style=STYLES[point])
        bar.append(f" {sum(counts.values())}" if sum(counts.values()) else "")
        table.add_row(day["date"], str(day["turns"]), str(day["questions"]), bar)
    console.print(table)


def _cells(counts: dict[str, int], most: int) -> dict[str, int]:
    """How long each part of a bar is; the day with most defects fills it, and none that was there is left out."""
    scale = min(1.0, BAR_CELLS / max(1, most))
    return {point: max(1, round(count * scale)) if count else 0 for point, count in counts.items()}


def _called(point: str) -> str:
    return {
        "false_wake": "false wake",
        "asr": "misheard",
        "nlu": "misunderstood",
        "entity": "wrong device",
        "result": "not what was wanted",
        "not_confirmed": "device did not answer",
        "unsupported": "nobody could do it",
    }[point]
