"""World: the home the assistant lives in: at a broker, or a simulated one with or without a broker of its own."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.clock import Clock
from edge.errors import BrokerError, EdgeError
from edge.home.arranging import Arranging
from edge.home.broker import EmbeddedBroker
from edge.home.bus import Bus, LocalBus
from edge.home.home_edit import Additions
from edge.home.home_file import HomeFile, demo_home_path, load_home_file
from edge.home.mqtt import MqttBus
from edge.home.own_announcement import OwnTopics
from edge.home.picture import HomePicture
from edge.home.simulated import SimulatedHome
from edge.home.simulated_announcing import STATUS_TOPIC as DEMO_STATUS_TOPIC
from edge.knowledge import DeviceState
from edge.paths import data_dir
from edge.settings import Settings

log = logging.getLogger(__name__)

SETTLE_S = 3.0
"""Longest time to wait for a broker's retained announcements at start."""


@dataclass(frozen=True)
class _Parts:
    """What was started for one home, in the order in which it is closed."""

    picture: HomePicture
    buses: tuple[Bus, ...]
    additions: Additions
    simulated: SimulatedHome | None = None
    broker: EmbeddedBroker | None = None
    connection: MqttBus | None = None


class LiveHome:
    """The home as it is right now."""

    def __init__(self, parts: _Parts, description: str) -> None:
        self._parts = parts
        self.description = description
        self.arranging = Arranging(parts.picture, parts.additions)
        """The way to change names, rooms, and what is hidden or guarded."""

    @property
    def picture(self) -> HomePicture:
        """What the assistant knows of the home."""
        return self._parts.picture

    @property
    def simulated(self) -> SimulatedHome | None:
        """The simulated home behind it; None for a real one."""
        return self._parts.simulated

    @property
    def broker_url(self) -> str | None:
        """The address of the embedded broker; None without one."""
        return self._parts.broker.url if self._parts.broker else None

    @property
    def connection(self) -> MqttBus | None:
        """The way to the broker that the settings name; None without one."""
        return self._parts.connection

    def states(self) -> dict[str, dict[str, Any]]:
        """What is on, how bright, how warm: `{"light.kitchen": {"state": "on", "brightness": 40}, ...}`."""
        source = self._parts.simulated or self._parts.picture
        return {device_id: plain_state(state) for device_id, state in source.states().items()}

    def use_switch(
        self, device_id: str, state: str, by: Literal["hand", "controller"] = "hand", **attributes: Any
    ) -> None:
        """Change a simulated device as a person at the wall switch, or another controller, would."""
        if self._parts.simulated is None:
            raise EdgeError("use_switch works in a simulated home only; this one is real: use its own switch.")
        self._parts.simulated.use_switch(device_id, state, by=by, **attributes)

    def close(self) -> None:
        """Leave the broker, stop the simulated home and its broker."""
        self._parts.picture.close()
        for bus in self._parts.buses:
            bus.close()
        if self._parts.broker:
            self._parts.broker.stop()


def plain_state(state: DeviceState) -> dict[str, Any]:
    """A device's state as JSON would have it."""
    return {"state": state.value, **state.attributes}


def open_home(
    settings: Settings, clock: Clock, *, file: Path | None, in_process: bool, patient: bool = False
) -> LiveHome:
    """The home that the settings name, or with `in_process` a simulated one without a broker.

    A broker that is away raises `BrokerError`; a `patient` caller goes on, and the home is there when the broker is.
    """
    if in_process:
        return _in_process(settings, clock, file or settings.home.file)
    if settings.mqtt.url:
        return _at_broker(settings, clock, patient)
    return _with_own_broker(settings, clock)


def _simulated_home(file: Path | None) -> Additions:
    """What is played: a file of one's own, or the demo home with what was changed about it."""
    return Additions(file) if file else _own_additions(load_home_file(demo_home_path()))


def _own_additions(below: HomeFile | None = None) -> Additions:
    """Where the commands keep what they change, if the settings name no home file."""
    return Additions(data_dir() / "home.toml", below, may_be_missing=True)


def _in_process(settings: Settings, clock: Clock, file: Path | None) -> LiveHome:
    additions = _simulated_home(file)
    home_file = additions.load().simulated()
    bus = LocalBus()
    picture = HomePicture(bus, clock, settings.mqtt.discovery_prefix, home_file)
    simulated = SimulatedHome(home_file, bus, clock, discovery_prefix=settings.mqtt.discovery_prefix)
    return LiveHome(
        _Parts(picture, (bus,), additions, simulated), f"simulated home {file.name}" if file else "demo home"
    )


def _at_broker(settings: Settings, clock: Clock, patient: bool) -> LiveHome:
    additions = Additions(settings.home.file) if settings.home.file else _own_additions()
    topics = OwnTopics(settings.mqtt.node, settings.mqtt.discovery_prefix)
    bus = MqttBus(settings.mqtt, status_topic=topics.status)
    picture = HomePicture(bus, clock, topics.prefix, additions.load(), own_topic=topics.config)
    bus.on_online(picture.connected)
    try:
        bus.connect()
        picture.wait_until_settled(SETTLE_S)
    except BrokerError as error:
        if not patient:
            bus.close()
            raise
        log.warning("going on without the home for now: %s", error)
    return LiveHome(_Parts(picture, (bus,), additions, connection=bus), f"home at {settings.mqtt.url}")


def _with_own_broker(settings: Settings, clock: Clock) -> LiveHome:
    additions = _simulated_home(settings.home.file)
    home_file = additions.load().simulated()
    broker = EmbeddedBroker(port=settings.mqtt.embedded_port)
    broker.start()
    own = settings.mqtt.model_copy(
        update={"url": broker.url, "user": None, "certificate_file": None, "text_commands": False}
    )
    prefix = own.discovery_prefix
    devices_bus = MqttBus(own, client_id="edge-demo-home", status_topic=DEMO_STATUS_TOPIC)
    bus = MqttBus(own)
    try:
        devices_bus.connect()
        simulated = SimulatedHome(home_file, devices_bus, clock, discovery_prefix=prefix)
        picture = HomePicture(bus, clock, prefix, home_file)
        bus.on_online(picture.connected)
        bus.connect()
        picture.wait_until_settled(SETTLE_S)
    except BrokerError:
        bus.close()
        devices_bus.close()
        broker.stop()
        raise
    return LiveHome(_Parts(picture, (bus, devices_bus), additions, simulated, broker), f"demo home at {broker.url}")
