"""What a Tasmota moves, in Home Assistant's words: relays, lights, shutters, and the fan of an iFan.

`rl` lists its relays: 1 is a relay, 2 a light, and two 3 in a row are the motor of a shutter. `lt_st` says how many
channels its light has: 1 dims, 2 is cold and warm white, 3 has colours, 4 colours and white, 5 everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from edge.home.payloads import as_text, as_word

Told = dict[str, Any]
Part = tuple[str, str, Told]
"""Domain, a word for it that is unique in its device, and what is told."""

RELAY, LIGHT, SHUTTER = 1, 2, 3
DIMMED, WHITES, COLORS, COLORS_AND_WHITE, ALL = 1, 2, 3, 4, 5

_RELAYS_ARE_LIGHTS: Final = "30"
_CHANNELS_APART: Final = "68"
_WHITES_NARROW: Final = "82"
"""Options of Tasmota, among those that it tells."""

_INVERTED: Final = 1
_SHUTTERS_MAX: Final = 16
_IN_COLOR: Final = "(value_json.White | default(0)) == 0"


class Topics(Protocol):
    """Where a device obeys and what it says, each with its `/` at the end."""

    @property
    def command(self) -> str: ...

    @property
    def result(self) -> str: ...


def parts(config: Mapping[str, Any], topics: Topics) -> Iterator[Part]:
    """Everything that can be moved."""
    relays = [relay if isinstance(relay, int) else 0 for relay in _listed(config, "rl")]
    used = sum(1 for relay in relays if relay)
    if config.get("if") == 1:
        yield "fan", "fan", _fan(config, topics)
        yield "light", "light", _power(config, topics, 0, used, "state_value_template")
        return
    shutters = _shutter_pairs(relays)
    for number, first in enumerate(shutters[:_SHUTTERS_MAX]):
        yield "cover", f"shutter_{number + 1}", _shutter(config, topics, number, first, len(shutters))
    for index, relay in enumerate(relays):
        if relay == LIGHT:
            yield "light", f"light_{index + 1}", _light(config, topics, index, relays)
        elif relay == RELAY:
            lights = _option(config, _RELAYS_ARE_LIGHTS)
            read = "state_value_template" if lights else "value_template"
            yield (
                "light" if lights else "switch",
                f"relay_{index + 1}",
                _power(config, topics, index, used, read),
            )


def name_of(config: Mapping[str, Any], index: int, only_one: bool) -> str:
    """What the device itself calls the relay, else the device's name, with a number where it has several."""
    friendly = _listed(config, "fn")
    own = as_word(friendly[index]) if index < len(friendly) else None
    device = as_word(config.get("dn")) or "Tasmota"
    if own and (index == 0 or own not in {device, "Tasmota"}):
        return device if only_one and own == "Tasmota" else own
    return device if only_one else f"{device} {index + 1}"


def _power(config: Mapping[str, Any], topics: Topics, index: int, count: int, read: str) -> Told:
    """One relay: a device with one calls it POWER, with several POWER1, POWER2 ..."""
    texts = [as_text(text) for text in _listed(config, "state")]
    off, on = texts[:2] if len(texts) >= 2 else ("OFF", "ON")
    key = f"POWER{index + 1}"
    alone = " if value_json.POWER1 is defined else value_json.POWER" if index == 0 else ""
    return {
        "name": name_of(config, index, count == 1),
        "command_topic": f"{topics.command}{key}",
        "state_topic": f"{topics.result}RESULT",
        read: f"{{{{ value_json.{key}{alone} }}}}",
        "payload_on": on,
        "payload_off": off,
    }


def _light(config: Mapping[str, Any], topics: Topics, index: int, relays: Sequence[int]) -> Told:
    """A light with its channels: all of them as one, colours and white apart, or each for itself."""
    used = sum(1 for relay in relays if relay)
    told = _power(config, topics, index, used, "state_value_template")
    channels = config.get("lt_st")
    channels = channels if isinstance(channels, int) else 0
    place = index - relays.index(LIGHT)
    dimmer = "Dimmer"
    if _option(config, _CHANNELS_APART):
        dimmer, channels = f"Channel{index + 1}", DIMMED
    elif channels >= COLORS_AND_WHITE and config.get("lk") == 0:
        dimmer = f"Dimmer{place + 1}"
        channels = COLORS if place == 0 else (DIMMED if channels == COLORS_AND_WHITE else WHITES)
    if channels >= DIMMED:
        told |= _channel(topics, "brightness", dimmer, f"{{{{ value_json.{dimmer} }}}}") | {"brightness_scale": 100}
    if channels in {WHITES, ALL}:
        warmth = "{{ value_json.CT }}" if channels == WHITES else _unless_in_color("CT")
        told |= _channel(topics, "color_temp", "CT", warmth)
        narrow = _option(config, _WHITES_NARROW)
        told |= {"min_mireds": 200 if narrow else 153, "max_mireds": 380 if narrow else 500}
    if channels >= COLORS:
        hue_and_saturation = "{{ value_json.HSBColor.split(',')[:2] | join(',') }}"
        told |= {
            "rgb_command_topic": f"{topics.command}Color2",
            "hs_state_topic": f"{topics.result}RESULT",
            "hs_value_template": f"{{% if {_IN_COLOR} %}}{hue_and_saturation}{{% endif %}}",
        }
    return told


def _channel(topics: Topics, what: str, command: str, template: str) -> Told:
    return {
        f"{what}_command_topic": f"{topics.command}{command}",
        f"{what}_state_topic": f"{topics.result}RESULT",
        f"{what}_value_template": template,
    }


def _unless_in_color(key: str) -> str:
    return f"{{% if not {_IN_COLOR} %}}{{{{ value_json.{key} }}}}{{% endif %}}"


def _shutter_pairs(relays: Sequence[int]) -> list[int]:
    """The first relay of each shutter: two in a row are one motor."""
    pairs: list[int] = []
    for index in range(len(relays) - 1):
        if relays[index] == relays[index + 1] == SHUTTER and (not pairs or index - pairs[-1] >= 2):
            pairs.append(index)
    return pairs


def _shutter(config: Mapping[str, Any], topics: Topics, number: int, relay: int, count: int) -> Told:
    """`Backlog0` carries out any command at once, so that open, close and stop have one topic."""
    options = _listed(config, "sho")
    inverted = number < len(options) and isinstance(options[number], int) and bool(options[number] & _INVERTED)
    key = f"Shutter{number + 1}"
    return {
        "name": name_of(config, relay, count == 1),
        "command_topic": f"{topics.command}Backlog0",
        "payload_open": f"ShutterOpen{number + 1}",
        "payload_close": f"ShutterClose{number + 1}",
        "payload_stop": f"ShutterStop{number + 1}",
        "set_position_topic": f"{topics.command}ShutterPosition{number + 1}",
        "position_topic": f"{topics.result}RESULT",
        "position_template": f"{{{{ value_json.{key}.Position }}}}",
        "position_open": 0 if inverted else 100,
        "position_closed": 100 if inverted else 0,
    }


def _fan(config: Mapping[str, Any], topics: Topics) -> Told:
    """Its speeds are 0 to 3; one that was off turns with its middle speed."""
    told = "{{ value_json.FanSpeed }}"
    return {
        "name": f"{as_word(config.get('dn')) or 'Tasmota'} fan",
        "command_topic": f"{topics.command}FanSpeed",
        "payload_on": "2",
        "payload_off": "0",
        "state_topic": f"{topics.result}RESULT",
        "state_value_template": "{{ 2 if value_json.FanSpeed > 0 else 0 }}",
        "percentage_command_topic": f"{topics.command}FanSpeed",
        "percentage_state_topic": f"{topics.result}RESULT",
        "percentage_value_template": told,
        "speed_range_min": 1,
        "speed_range_max": 3,
    }


def _option(config: Mapping[str, Any], number: str) -> bool:
    options = config.get("so")
    return isinstance(options, dict) and options.get(number) == 1


def _listed(config: Mapping[str, Any], key: str) -> list[Any]:
    listed = config.get(key)
    return listed if isinstance(listed, list) else []
