"""Which readings of a sensor are worth keeping: those that went further than it trembles, and now and then one more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ANYWAY_AFTER: Final = timedelta(minutes=15)
"""A reading that differs at all from the last one kept is kept after this."""

TREMBLES: Final = 3.0
"""A reading that is so many usual steps away from the last one kept is no noise. Of pure noise that is one in sixty."""

_NEWS_WEIGHS: Final = 0.1
"""How much the latest step weighs in the usual step."""


@dataclass
class _Sensor:
    latest: float
    kept: float
    kept_at: datetime
    step: float = 0.0
    """The usual difference between one reading and the next."""


class Noise:
    """Learns of each sensor how far it usually steps; the first readings are kept, for nothing is known yet."""

    def __init__(self) -> None:
        self._sensors: dict[str, _Sensor] = {}

    def is_worth_keeping(self, name: str, number: float, now: datetime) -> bool:
        """Take in a reading, and tell whether to keep it."""
        sensor = self._sensors.get(name)
        if sensor is None:
            self._sensors[name] = _Sensor(number, number, now)
            return True
        sensor.step += _NEWS_WEIGHS * (abs(number - sensor.latest) - sensor.step)
        sensor.latest = number
        moved = abs(number - sensor.kept)
        if moved <= TREMBLES * sensor.step and (moved == 0 or timedelta(0) <= now - sensor.kept_at < ANYWAY_AFTER):
            return False
        sensor.kept, sensor.kept_at = number, now
        return True
