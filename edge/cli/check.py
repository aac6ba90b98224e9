"""Commands that check and measure: doctor, home check, bench."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from edge.bench.barge_in import measure_barge_in
from edge.bench.idle import measure_idle
from edge.bench.latency import measure_latency
from edge.cli.door import console, door, print_json
from edge.cli.talk import Json
from edge.doctor import examine
from edge.home.home_file import check_home_file

home_app = typer.Typer(help="Home files: names, rooms and devices of a simulated or real home.", no_args_is_help=True)
bench_app = typer.Typer(
    help="Measure this machine: how fast it answers, what it costs to listen.", no_args_is_help=True
)

SIGNS = {"ok": "[green]ok[/]", "warn": "[yellow]look[/]", "fail": "[red]wrong[/]"}


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check microphone, level, models, broker, clock, disk and database, and say what to do about each."""
    findings = examine(door(context).load())
    if as_json:
        print_json([{"what": f.what, "verdict": f.verdict, "found": f.found, "remedy": f.remedy} for f in findings])
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in findings:
            table.add_row(SIGNS[finding.verdict], Text(finding.what), Text(finding.found))
            if finding.remedy:
                table.add_row("", "", Text(f"-> {finding.remedy}", style="bold"))
        console.print(table)
    if any(finding.verdict == "fail" for finding in findings):
        raise typer.Exit(1)


@home_app.command("check")
def check_home(file: Annotated[Path, typer.Argument(help="The home file (TOML).")]) -> None:
    """Explain the mistakes in a home file, line by line."""
    problems = check_home_file(file)
    for problem in problems:
        console.print(str(problem), markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
    console.print(f"{file} is fine.", markup=False)


@bench_app.command("latency")
def bench_latency(
    context: typer.Context,
    commands: Annotated[int, typer.Option("--commands", "-n", min=1, help="How many spoken commands.")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Seed of their order.")] = 1,
    as_json: Json = False,
) -> None:
    """Speak commands at the pace of a microphone; time them to the command on the broker and to the reply."""
    report = measure_latency(door(context).load().settings, count=commands, seed=seed, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("idle")
def bench_idle(
    context: typer.Context,
    seconds: Annotated[int, typer.Option("--seconds", min=5, help="How long to listen to talk.")] = 30,
    as_json: Json = False,
) -> None:
    """Start to listening, memory with all models, and the cost of listening to talk."""
    report = measure_idle(door(context).load().settings, seconds=seconds, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("barge-in")
def bench_barge_in(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many replies to interrupt.")] = 20,
    as_json: Json = False,
) -> None:
    """Say the wake word while it speaks; time it to silence, and see whether its own voice wakes it."""
    report = measure_barge_in(door(context).load().settings, count=count, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)
