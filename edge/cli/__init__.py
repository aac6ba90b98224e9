"""The command `edge`."""

from edge.cli.app import app

__all__ = ["app"]
