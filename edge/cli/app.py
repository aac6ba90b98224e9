"""All commands of `edge`, and the options that stand before them."""

from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from edge.cli import broker, check, devices, knowledge, labels, learn, rewrites, safety, show, skill, talk, why
from edge.cli.door import Door, console, parse_flags

app = typer.Typer(
    name="edge",
    help="A voice assistant that runs in your own home. Speak to it: [bold]edge run[/]; type to it: [bold]edge chat[/]",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.print(f"edge {installed_version('edge-assistant')}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="Settings file instead of the usual edge.toml."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Device profile instead of the one found: pi4, pi5, x86."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="One setting, e.g. --set assistant.room=kitchen. May be repeated."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Options for every command."""
    context.obj = Door(config, profile, parse_flags(settings or []))


app.command()(talk.run)
app.command()(talk.chat)
app.command()(talk.say)
app.command()(talk.hear)
app.add_typer(devices.devices_app, name="devices")
app.command()(show.turns)
app.command()(why.why)
app.command()(why.health)
app.command()(labels.labels)
app.command()(learn.learn)
app.add_typer(rewrites.rewrites_app, name="rewrites")
app.add_typer(knowledge.knowledge_app, name="knowledge")
app.command()(safety.audit)
app.command()(show.replay)
app.add_typer(show.models_app, name="models")
app.add_typer(show.config_app, name="config")
app.add_typer(check.home_app, name="home")
app.add_typer(broker.broker_app, name="broker")
app.add_typer(skill.skill_app, name="skill")
app.add_typer(safety.pin_app, name="pin")
app.command()(check.doctor)
app.add_typer(check.bench_app, name="bench")
