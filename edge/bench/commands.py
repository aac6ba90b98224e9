"""Spoken commands with a known meaning: what the benchmark says to the demo home, and what must leave for it."""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.home.home_file import demo_home_path
from edge.home.simulated_announcing import base_topic

RATE: Final = 16_000
WAKE: Final = "Hey Jarvis"
PAUSE_S: Final = 0.5
"""Between wake word and command, where they are not said in one breath."""

DEVICE_ANSWERS_S: Final = 0.02
"""How long the devices of the benchmark take to obey."""

_VOICED_DB: Final = -40.0
"""Below the loudest 10 ms of the clean voice: what is quieter is no longer speech."""

_ROOM_NOISE: Final = 8.0
"""Standard deviation of the faint noise under everything: no microphone is ever quite silent."""

_CATALOGUE: Final[tuple[tuple[str, str, Any], ...]] = (
    ("turn on the kitchen light", "light.kitchen/set", {"state": "ON"}),
    ("set the kitchen light to 40 percent", "light.kitchen/set", {"state": "ON", "brightness": 40}),
    ("switch off the kitchen light", "light.kitchen/set", {"state": "OFF"}),
    ("turn on the coffee machine", "switch.coffee_machine/set", "on"),
    ("turn the coffee machine off", "switch.coffee_machine/set", "off"),
    ("switch on the coffee machine", "switch.coffee_machine/set", "on"),
    ("turn off the coffee machine", "switch.coffee_machine/set", "off"),
    ("turn on the living room light", "light.living_room/set", {"state": "ON"}),
    ("set the living room light to 60 percent", "light.living_room/set", {"state": "ON", "brightness": 60}),
    ("set the living room light to blue", "light.living_room/set", {"state": "ON", "color": {"h": 240, "s": 100}}),
    ("set the living room light to red", "light.living_room/set", {"state": "ON", "color": {"h": 0, "s": 100}}),
    ("turn off the living room light", "light.living_room/set", {"state": "OFF"}),
    ("turn on the fairy lights", "switch.fairy_lights/set", "on"),
    ("switch the fairy lights off", "switch.fairy_lights/set", "off"),
    ("turn the fairy lights on", "switch.fairy_lights/set", "on"),
    ("turn off the fairy lights", "switch.fairy_lights/set", "off"),
    ("close the living room blind", "cover.living_room_blind/set", "CLOSE"),
    ("open the living room blind", "cover.living_room_blind/set", "OPEN"),
    ("close the living room blinds", "cover.living_room_blind/set", "CLOSE"),
    ("open the living room blinds", "cover.living_room_blind/set", "OPEN"),
    ("set the thermostat to 21 degrees", "climate.thermostat/set/temperature", 21),
    ("set the thermostat to 19 degrees", "climate.thermostat/set/temperature", 19),
    ("set the heating to 22 degrees", "climate.thermostat/set/temperature", 22),
    ("turn on the TV", "media_player.tv/set", {"command": "turn_on"}),
    ("turn off the TV", "media_player.tv/set", {"command": "turn_off"}),
    ("turn on the television", "media_player.tv/set", {"command": "turn_on"}),
    ("switch off the television", "media_player.tv/set", {"command": "turn_off"}),
    ("turn on the bedside lamp", "light.bedside_lamp/set", {"state": "ON"}),
    ("set the bedside lamp to 30 percent", "light.bedside_lamp/set", {"state": "ON", "brightness": 30}),
    ("turn the bedside lamp off", "light.bedside_lamp/set", {"state": "OFF"}),
    ("switch on the bedside lamp", "light.bedside_lamp/set", {"state": "ON"}),
    ("turn off the bedside lamp", "light.bedside_lamp/set", {"state": "OFF"}),
    ("turn on the bedroom fan", "fan.bedroom/set", "on"),
    ("set the bedroom fan to 80 percent", "fan.bedroom/set/speed", 80),
    ("turn off the bedroom fan", "fan.bedroom/set", "off"),
    ("switch the bedroom fan on", "fan.bedroom/set", "on"),
    ("switch off the bedroom fan", "fan.bedroom/set", "off"),
    ("turn on the desk lamp", "light.desk_lamp/set", {"state": "ON"}),
    ("set the desk lamp to green", "light.desk_lamp/set", {"state": "ON", "color": {"h": 120, "s": 100}}),
    ("set the desk lamp to 70 percent", "light.desk_lamp/set", {"state": "ON", "brightness": 70}),
    ("switch off the desk lamp", "light.desk_lamp/set", {"state": "OFF"}),
    ("turn the desk lamp on", "light.desk_lamp/set", {"state": "ON"}),
    ("turn off the desk lamp", "light.desk_lamp/set", {"state": "OFF"}),
    ("turn on the printer", "switch.printer/set", "on"),
    ("turn off the printer", "switch.printer/set", "off"),
    ("switch the printer on", "switch.printer/set", "on"),
    ("switch the printer off", "switch.printer/set", "off"),
    ("turn on the hall light", "light.hall/set", {"state": "ON"}),
    ("turn off the hall light", "light.hall/set", {"state": "OFF"}),
    ("switch the hall light on", "light.hall/set", {"state": "ON"}),
    ("switch off the hall light", "light.hall/set", {"state": "OFF"}),
    ("turn on the garage light", "light.garage/set", {"state": "ON"}),
    ("turn the garage light off", "light.garage/set", {"state": "OFF"}),
    ("switch on the garage light", "light.garage/set", {"state": "ON"}),
    ("switch off the garage light", "light.garage/set", {"state": "OFF"}),
    ("start the vacuum", "vacuum.robot/set", "start"),
    ("send the vacuum home", "vacuum.robot/set", "return_to_base"),
    ("start the robot vacuum", "vacuum.robot/set", "start"),
)
"""Text, device and the end of its topic, payload. In this order each command changes its device; none is guarded."""


class Voice(Protocol):
    """What says the commands."""

    @property
    def sample_rate(self) -> int: ...

    def synthesise(self, text: str) -> Iterator[NDArray[np.int16]]: ...


@dataclass(frozen=True)
class Command:
    """A text and the one message that must leave for it."""

    text: str
    topic: str
    payload: Any
    """As JSON reads it."""

    @property
    def device_topic(self) -> str:
        """Where the device says its state."""
        return self.topic.partition("/set")[0]

    def is_met_by(self, topic: str, payload: str) -> bool:
        """Whether this message is the right one."""
        return topic == self.topic and read_payload(payload) == self.payload


@dataclass(frozen=True)
class SpokenCommand:
    """A command as a microphone would get it."""

    command: Command
    in_one_breath: bool
    """Whether it follows the wake word without a pause."""
    samples: NDArray[np.int16]
    """Mono at 16 kHz, shape (n,): wake word and command."""
    last_voiced_sample: int
    """Index of the last sample that is speech."""


def catalogue() -> tuple[Command, ...]:
    """Every command that the benchmark knows."""
    return tuple(Command(text, _topic(place), payload) for text, place, payload in _CATALOGUE)


def spoken_commands(voice: Voice, count: int, seed: int) -> Iterator[SpokenCommand]:
    """`count` commands in an order that `seed` decides, every other one with a pause after the wake word."""
    for number, command in enumerate(itertools.islice(_in_disorder(random.Random(seed)), count)):
        yield spoken(voice, command, in_one_breath=number % 2 == 0)


def spoken(voice: Voice, command: Command, *, in_one_breath: bool) -> SpokenCommand:
    """The command in the sound of `voice`, with the wake word before it."""
    if in_one_breath:
        sound = voiced(said(voice, f"{WAKE}, {command.text}."))
    else:
        pause = np.zeros(int(PAUSE_S * RATE), dtype=np.int16)
        parts = (voiced(said(voice, f"{WAKE}.")), pause, voiced(said(voice, f"{command.text.capitalize()}.")))
        sound = np.concatenate(parts)
    return SpokenCommand(command, in_one_breath, sound, sound.size - 1)


def room_noise(samples: int, seed: int = 0) -> NDArray[np.int16]:
    """The sound of a quiet room, shape (samples,)."""
    return np.random.default_rng(seed).normal(0.0, _ROOM_NOISE, samples).astype(np.int16)


def prompt_home(demo: str | None = None) -> str:
    """The demo home (TOML) with devices that answer at once, so that their own delay is not taken for ours."""
    text = demo_home_path().read_text(encoding="utf-8") if demo is None else demo
    lines = [line for line in text.splitlines() if not line.startswith("answers_in_s")]
    prompt = f"answers_in_s = [{DEVICE_ANSWERS_S}, {DEVICE_ANSWERS_S}]"
    is_device = [line.startswith("[") and not line.startswith("[area.") for line in lines]
    return "\n".join(f"{line}\n{prompt}" if device else line for line, device in zip(lines, is_device, strict=True))


def _in_disorder(chance: random.Random) -> Iterator[Command]:
    """The catalogue again and again: devices in disorder, the commands of each in the order that changes it."""
    while True:
        by_device: dict[str, list[Command]] = {}
        for command in catalogue():
            by_device.setdefault(command.device_topic, []).append(command)
        devices = [device for device, commands in by_device.items() for _ in commands]
        chance.shuffle(devices)
        yield from (by_device[device].pop(0) for device in devices)


def _topic(place: str) -> str:
    device_id, _, rest = place.partition("/")
    return f"{base_topic(device_id)}/{rest}"


def read_payload(payload: str) -> Any:
    """A payload as JSON has it; as it stands where it is none."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def said(voice: Voice, text: str) -> NDArray[np.int16]:
    """`text` in the sound of `voice`, mono at 16 kHz."""
    sound = np.concatenate(list(voice.synthesise(text)))
    resampled: NDArray[np.int16] = soxr.resample(sound, voice.sample_rate, RATE)
    return resampled


def voiced(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """The sound from the first to the last 10 ms that are speech."""
    window = RATE // 100
    windows = sound[: sound.size // window * window].reshape(-1, window).astype(np.float64)
    energy = np.mean(windows**2, axis=1)
    voiced = np.flatnonzero(energy > energy.max() * 10 ** (_VOICED_DB / 10))
    return sound[voiced[0] * window : (voiced[-1] + 1) * window]
