"""Edge: a voice assistant that runs in your own home and learns from how you use it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.api import Assistant, Home
    from edge.clock import SimulatedClock
    from edge.errors import EdgeError

__all__ = ["Assistant", "EdgeError", "Home", "SimulatedClock"]

_WHERE = {"Assistant": "edge.api", "EdgeError": "edge.errors", "Home": "edge.api", "SimulatedClock": "edge.clock"}


def __getattr__(name: str) -> Any:
    """Load the public face when it is asked for: `edge --help` need not wait for it."""
    if name not in _WHERE:
        raise AttributeError(f"module 'edge' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
