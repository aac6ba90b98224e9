"""Commands about the broker: what it must allow us."""

import sys
from typing import Annotated

import typer

from edge.cli.door import door

broker_app = typer.Typer(
    help="The MQTT broker: what it must allow Edge. `edge doctor` tells whether it can be reached.",
    no_args_is_help=True,
)


@broker_app.command("acl")
def broker_acl(
    context: typer.Context,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="The broker's user; empty: mqtt.user, or edge.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Only the topics of the devices that are there now, none for later ones.")
    ] = False,
) -> None:
    """Print the lines for mosquitto's acl_file that let Edge read and write what it needs, and nothing else.

    The home is asked what it needs, so run this while the broker still allows everything; then
    `edge broker acl >> /etc/mosquitto/acl`, name that file in mosquitto.conf (acl_file), and restart mosquitto.
    """
    sys.stdout.write(door(context).do("broker_acl", user=user, exact=exact))
