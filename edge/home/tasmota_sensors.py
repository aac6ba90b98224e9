"""What a Tasmota measures, in Home Assistant's words: `{"sn": {"AM2301": {"Temperature": 21.5}, "TempUnit": "C"}}`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from edge.home.payloads import as_word
from edge.home.tasmota_parts import Part

SENSORS_MAX: Final = 64

_QUANTITIES: Final[Mapping[str, tuple[str, str, str]]] = {
    "CarbonDioxide": ("carbon dioxide", "carbon_dioxide", "ppm"),
    "eCO2": ("carbon dioxide", "carbon_dioxide", "ppm"),
    "Humidity": ("humidity", "humidity", "%"),
    "Illuminance": ("illuminance", "illuminance", "lx"),
    "PM10": ("PM10", "pm10", "µg/m³"),
    "PM2.5": ("PM2.5", "pm25", "µg/m³"),
    "Power": ("power", "power", "W"),
    "Pressure": ("pressure", "atmospheric_pressure", ""),
    "Temperature": ("temperature", "temperature", ""),
    "Today": ("energy today", "energy", "kWh"),
    "Total": ("energy", "energy", "kWh"),
}
"""What is spoken of: its name, Home Assistant's class, and its unit. Volts, dew points and the like are left out."""


class Topics(Protocol):
    """Where a device tells what it measures, with the `/` at the end."""

    @property
    def telemetry(self) -> str: ...


def sensors(config: Mapping[str, Any], told: Any, topics: Topics) -> Iterator[Part]:
    """Every quantity that is spoken of."""
    measured = told.get("sn") if isinstance(told, dict) else None
    if not isinstance(measured, dict):
        return
    chips = [(chip, values) for chip, values in measured.items() if isinstance(values, dict) and '"' not in chip]
    device = as_word(config.get("dn")) or "Tasmota"
    units = {"Temperature": f"°{measured.get('TempUnit', 'C')}", "Pressure": str(measured.get("PressureUnit", "hPa"))}
    found = [(chip, key) for chip, values in chips for key in values if key in _QUANTITIES]
    for chip, key in found[:SENSORS_MAX]:
        name, device_class, unit = _QUANTITIES[key]
        several = sum(1 for _, other in found if other == key) > 1
        yield (
            "sensor",
            f"{chip}_{key}",
            {
                "name": f"{device} {chip} {name}" if several else f"{device} {name}",
                "state_topic": f"{topics.telemetry}SENSOR",
                "value_template": f'{{{{ value_json["{chip}"]["{key}"] }}}}',
                "unit_of_measurement": unit or units.get(key),
                "device_class": device_class,
            },
        )
