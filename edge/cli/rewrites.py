"""Commands about rules: what is taken for something else because it failed before."""

from typing import Annotated, Any, Final

import typer
from rich.table import Table

from edge.cli.door import console, door, print_json
from edge.cli.tables import add_row, new_table, say
from edge.cli.talk import Json

rewrites_app = typer.Typer(
    help="What it has learned to take for something else, because it failed before: list, keep, forbid, forget.",
    no_args_is_help=True,
)

Rule = Annotated[str, typer.Argument(help="The rule, as `edge rewrites list` names it; its beginning will do.")]

STATES: Final = {
    "active": "done at once",
    "ask": 'asked about first: "Did you mean ...?"',
    "shadow": "tried in silence, never acted upon",
    "candidate": "seen, and not often enough",
    "suspended": "out of use, as it went wrong or was rolled back; may come back",
    "tombstone": "it went wrong again or was disabled; never learned again by itself",
}


@rewrites_app.command("list")
def list_rewrites(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are out of use.")] = False,
    as_json: Json = False,
) -> None:
    """List what is heard, what it is taken for, and how that went."""
    found: list[dict[str, Any]] = door(context).do("rewrites")
    if as_json:
        print_json(found)
        return
    shown = [row for row in found if everything or row["state"] in {"active", "ask", "shadow"}]
    if not found:
        say("No rules yet. They are learned at night, from what you say after something went wrong.")
        return
    table = new_table("rule", "when it hears", "it takes it for", "state", "right", "wrong", "only for", "since")
    for row in shown:
        heard, others = row["sources"][0] if row["sources"] else "", len(row["sources"]) - 1
        more = f" (and {others} like it)" if others > 0 else ""
        state = f"{row['state']}, pinned" if row["is_pinned"] else row["state"]
        counts = f"{row['wins']:.0f}", f"{row['losses']:.0f}"
        add_row(
            table, row["rule_id"], f"{heard}{more}", row["target"], state, *counts, _only_for(row), _day(row["since"])
        )
    if shown:
        console.print(table)
    for state in dict.fromkeys(row["state"] for row in shown):
        say(f"{state}: {STATES[state]}")
    if hidden := len(found) - len(shown):
        say(f"{hidden} more are out of use: edge rewrites list --all")


@rewrites_app.command("show")
def show_rewrite(context: typer.Context, rule: Rule, as_json: Json = False) -> None:
    """Tell the life of one rule: what it is for, how it went, and how it came to be what it is."""
    found: dict[str, Any] = door(context).do("rewrite", rule_id=rule)
    if as_json:
        print_json(found)
        return
    table, meaning = Table(box=None, pad_edge=False, show_header=False), found["meaning"]
    add_row(table, "rule", found["rule_id"])
    for number, source in enumerate(found["sources"]):
        add_row(table, "" if number else "when it hears", source)
    add_row(table, "it takes it for", found["target"])
    values = "".join(f" {name}={value}" for name, value in meaning["values"].items())
    add_row(table, "which comes to", f"{meaning['command']}{values} -> {', '.join(meaning['targets']) or 'nobody'}")
    add_row(table, "only for", _only_for(found) or "nobody and no room in particular")
    add_row(table, "state", f"{found['state']}: {STATES[found['state']]}{'; pinned' if found['is_pinned'] else ''}")
    add_row(table, "because", found["reason"])
    explicit = ", and somebody said so" if found["is_explicit"] else ""
    add_row(table, "learned from", f"{_many(found['trials'], 'talk')} on {_many(found['days'], 'day')}{explicit}")
    add_row(table, "used since", f"{found['wins']:.1f} times right, {found['losses']:.1f} times wrong")
    for number, each in enumerate(found["life"]):
        because = f": {each['reason']}" if each["reason"] else ""
        add_row(table, "" if number else "its life", f"{_day(each['at'])} {each['state']}{because}")
    console.print(table)


@rewrites_app.command("pin")
def pin_rewrite(
    context: typer.Context,
    rule: Rule,
    off: Annotated[bool, typer.Option("--off", help="Let it be changed again by what is learned.")] = False,
) -> None:
    """Keep a rule in the state that it has, whatever is learned."""
    say(door(context).do("pin_rewrite", rule_id=rule, pinned=not off))


@rewrites_app.command("disable")
def disable_rewrite(context: typer.Context, rule: Rule) -> None:
    """Use a rule no more, and do not learn it again."""
    say(door(context).do("disable_rewrite", rule_id=rule))


@rewrites_app.command("forget")
def forget_rewrite(context: typer.Context, rule: Rule) -> None:
    """Let go of a rule and of all that is known of it; it may be learned again."""
    say(door(context).do("forget_rewrite", rule_id=rule))


def _only_for(row: dict[str, Any]) -> str:
    return " in ".join(filter(None, (row["speaker"], row["room"])))


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _day(at: str | None) -> str:
    return (at or "")[:16].replace("T", " ")
