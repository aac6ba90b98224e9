"""Words: how things go wrong. A stage raises `StageFailed`; only the pipeline catches it."""

from typing import Literal

Point = Literal["hearing", "asr", "rewriting", "nlu", "resolution", "decision", "action", "speech", "store"]
"""The stage at which a turn stopped."""


class EdgeError(Exception):
    """Base of every error that Edge raises on purpose; its text says what to do about it."""


class ConfigError(EdgeError):
    """A setting, profile or home file cannot be used."""


class StoreError(EdgeError):
    """The database cannot be opened, read or written."""


class ModelError(EdgeError):
    """A model file is missing, damaged or cannot be loaded."""


class AudioError(EdgeError):
    """Sound cannot be read, recorded or played."""


class BrokerError(EdgeError):
    """The MQTT broker cannot be reached, or refuses us."""


class ForbiddenError(BrokerError):
    """The broker is there, and does not let us write to that topic."""


class StageFailed(EdgeError):  # noqa: N818 - the word of the plan: a stage failed, the turn goes on
    """A stage could not do its part; the pipeline keeps `point` and `reason` in the turn.

    `transient` says that the same turn may work when tried again (broker away, disk full).
    """

    def __init__(self, point: Point, reason: str, *, transient: bool = False) -> None:
        super().__init__(f"{point}: {reason}")
        self.point: Point = point
        self.reason = reason
        self.transient = transient
