"""The assistant as a device at the broker: what Home Assistant sees of it, and what it does when it is told."""

import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.clock import SimulatedClock, WallClock
from edge.config import load_settings
from edge.errors import ConfigError
from edge.home.bus import LocalBus
from edge.home.configs import DOMAINS
from edge.home.discovery import read_announcement
from edge.home.mqtt import MqttBus
from edge.home.own_announcement import RESULTS, OwnTopics, announcement
from edge.own_device import Activity, EarsAndMouth, OwnDevice
from edge.records import Response, Transcript, Utterance
from edge.runtime import build_runtime
from edge.settings import MqttSettings
from edge.settings import Settings as EdgeSettings
from edge.speech.adjustable import AdjustableSink
from edge.speech.playback import Playback
from edge.speech.sinks import WavSink
from edge.turn import Context, Turn
from edge.voice import Listening
from tests.brokers import Mosquitto, Settings, until
from tests.sounds import silence, spoken

HOME_ASSISTANT_HAS = DOMAINS | {"notify", "text"} - {"media_player"}
TOPICS = OwnTopics()


@dataclass
class FakeBody:
    """Ears and mouth that only remember what they were told."""

    muted: bool = False
    volume: float = 1.0
    said: list[tuple[str, bool]] = field(default_factory=list)

    def say(self, text: str, *, chimes: bool = False) -> None:
        self.said.append((text, chimes))


def turn_of(utterance: Utterance) -> Turn:
    """A turn that understood nothing and says so."""
    context = Context(datetime(2026, 5, 1, 12, tzinfo=UTC))
    turn = Turn.begin("t1", utterance, context, 1).heard(Transcript(utterance.typed or ""))
    return turn.answered(Response(f"I heard {utterance.typed}.", "answer"))


class Device:
    """An own device at a broker, and somebody else there who watches it and speaks to it."""

    def __init__(self, broker: Mosquitto, opened: ExitStack, body: FakeBody | None = None, **mqtt: object) -> None:
        self.body = body or FakeBody()
        self.taken: list[Utterance] = []
        self.bus = MqttBus(Settings(broker.url))
        self.other = MqttBus(Settings(broker.url), status_topic=None)
        self.seen: dict[str, str] = {}
        for bus in (self.other, self.bus):
            opened.callback(bus.close)
        self.other.connect()
        self.other.subscribe("#", lambda topic, payload: self.seen.update({topic: payload.decode()}))
        settings = MqttSettings.model_validate({"url": broker.url, **mqtt})
        self.device = OwnDevice(self.bus, settings, WallClock(), self._take, body=self.body, room="Kitchen")
        opened.callback(self.device.close)

    def start(self) -> None:
        self.bus.connect()
        self.device.start()
        assert self.sees(TOPICS.of("volume"))

    def sees(self, topic: str, payload: str | None = None) -> bool:
        """Whether the other one is told this, sooner or later."""
        return until(lambda: topic in self.seen and payload in {None, self.seen[topic]})

    def tell(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.other.publish(topic, payload, retain=retain)
        self.other.settle()

    def _take(self, utterance: Utterance) -> Turn:
        self.taken.append(utterance)
        return turn_of(utterance)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


# --- what is announced -----------------------------------------------------------------------------------------------


def announced(**changes: bool) -> dict[str, dict[str, object]]:
    payload = announcement(TOPICS, room="Kitchen", version="1", **{"has_voice": True, "takes_text": True, **changes})
    components = json.loads(payload)["components"]
    assert isinstance(components, dict)
    return components


def test_the_announcement_is_understood_by_our_own_reader() -> None:
    """Every component is of a kind that Home Assistant has; those that Edge knows too it reads without a complaint."""
    components = announced()
    assert {part["platform"] for part in components.values()} <= HOME_ASSISTANT_HAS
    assert len({part["unique_id"] for part in components.values()}) == len(components)
    plain = {
        key: {name: value for name, value in part.items() if name != "entity_category"}
        for key, part in components.items()
        if part["platform"] in DOMAINS | {"notify"}
    }
    payload = json.loads(announcement(TOPICS, room="Kitchen", version="1", has_voice=True, takes_text=True))
    found = read_announcement(TOPICS.config, json.dumps({**payload, "components": plain}).encode(), "homeassistant")
    assert found.problems == ()
    assert {each.object_id: each.domain for each in found.components} == {
        "state": "sensor", "last_turn": "sensor", "mute": "switch", "volume": "number",
    }  # fmt: skip
    assert {each.suggested_area for each in found.components} == {"Kitchen"}
    assert {topic.topic for each in found.components for topic in each.availability.topics} == {"edge/status"}


def test_what_is_not_there_is_taken_back() -> None:
    """A part with nothing but its platform is removed: without a voice there is nothing to mute."""
    parts = announced(has_voice=False, takes_text=False)
    assert {key for key, part in parts.items() if set(part) == {"platform"}} == {
        "mute", "volume", "say", "announce", "text",
    }  # fmt: skip


def test_several_assistants_have_topics_of_their_own() -> None:
    """Also for being online; and no name may take the place of something else."""
    kitchen = OwnTopics("kitchen", "ha")
    assert not set(kitchen.written) & set(OwnTopics("hall", "ha").written)
    assert (kitchen.status, kitchen.config) == ("edge/kitchen/status", "ha/device/edge-kitchen/config")
    for node in ("status", "simulated", "a/b", "#", ""):
        with pytest.raises(ValueError, match="one short word"):
            MqttSettings(node=node)


@pytest.mark.broker
def test_it_is_announced_whenever_somebody_comes(broker: Mosquitto, opened: ExitStack) -> None:
    """At the start, to a broker that has forgotten everything, and to a Home Assistant that says it was born."""
    device = Device(broker, opened)
    device.start()
    assert json.loads(device.seen[TOPICS.config])["device"]["name"] == "Edge Kitchen"
    assert device.sees("edge/status", "online")
    assert device.sees(TOPICS.of("state"), "idle")
    broker.kill()
    assert until(lambda: not device.other.online)
    device.seen.clear()
    broker.start()
    assert device.sees(TOPICS.config)
    assert device.sees(TOPICS.of("mute"), "OFF")
    device.seen.clear()
    device.tell(TOPICS.birth, "online")
    assert device.sees(TOPICS.config)


@pytest.mark.broker
def test_it_can_be_left_out(broker: Mosquitto, opened: ExitStack) -> None:
    """With mqtt.own_device = false nothing is announced, and what was announced before is taken back."""
    device = Device(broker, opened, own_device=False)
    device.tell(TOPICS.config, "old", retain=True)
    device.bus.connect()
    device.device.start()
    device.device.show("thinking")
    assert device.sees(TOPICS.config, "")
    device.bus.settle()
    assert TOPICS.of("state") not in device.seen


@pytest.mark.broker
def test_it_is_no_device_of_its_own_home(broker: Mosquitto, opened: ExitStack) -> None:
    """Its announcement stays at the broker, and the assistant's picture of the home stays empty."""
    device = Device(broker, opened, body=FakeBody())
    device.start()
    runtime = build_runtime(
        EdgeSettings(mqtt=MqttSettings(url=broker.url)), clock=WallClock(), store=":memory:", patient=True
    )
    opened.callback(runtime.close)
    assert runtime.home.picture.home_map.devices == ()
    assert runtime.home.picture.problems() == ()


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_of_several_activities_the_most_noticeable_is_shown() -> None:
    """Listening goes before thinking and that before speaking; each change is told once."""
    told: list[str] = []
    activity = Activity()
    activity.on_change(told.append)
    activity.note("speaking", True)
    activity.note("listening", True)
    activity.note("speaking", False)
    activity.note("thinking", True)
    activity.note("listening", False)
    activity.note("thinking", False)
    activity.note("thinking", False)
    assert told == ["speaking", "listening", "thinking", "idle"]


@pytest.mark.broker
@pytest.mark.parametrize("share_words", [False, True])
def test_the_last_turn_is_told_without_its_words(broker: Mosquitto, opened: ExitStack, share_words: bool) -> None:
    """Its result, its intents, its source and its time; the words only where the settings allow it."""
    device = Device(broker, opened, share_words=share_words)
    device.start()
    device.device.tell(turn_of(Utterance("microphone", typed="the secret word")))
    assert device.sees(TOPICS.of("last_turn"))
    told = json.loads(device.seen[TOPICS.of("last_turn")])
    assert told["result"] in RESULTS
    assert told["at"] == "2026-05-01T12:00:00+00:00"
    assert ("secret" in device.seen[TOPICS.of("last_turn")]) is share_words


# --- what it is told -------------------------------------------------------------------------------------------------


@pytest.mark.broker
def test_it_is_muted_and_turned_down_from_outside(broker: Mosquitto, opened: ExitStack) -> None:
    """It obeys and reports; what makes no sense changes nothing."""
    device = Device(broker, opened)
    device.start()
    device.tell(TOPICS.to_set("mute"), "ON")
    device.tell(TOPICS.to_set("volume"), "40")
    assert device.sees(TOPICS.of("mute"), "ON")
    assert device.sees(TOPICS.of("volume"), "40")
    for nonsense in ("", "loud", "nan", "inf", "1e999", "{}", "\0"):
        device.tell(TOPICS.to_set("volume"), nonsense)
        device.tell(TOPICS.to_set("mute"), nonsense)
    device.tell(TOPICS.to_set("volume"), "-5")
    assert device.sees(TOPICS.of("volume"), "0")
    assert (device.body.muted, device.body.volume) == (True, 0.0)


@pytest.mark.broker
def test_it_stays_muted_when_it_starts_again(broker: Mosquitto, opened: ExitStack) -> None:
    """The broker remembers how it was; garbage in its place is passed over."""
    before = Device(broker, opened)
    before.tell(TOPICS.of("mute"), "ON", retain=True)
    before.tell(TOPICS.of("volume"), "garbage", retain=True)
    before.start()
    assert before.sees(TOPICS.of("mute"), "ON")
    assert until(lambda: before.body.muted)
    assert before.body.volume == 1.0


@pytest.mark.broker
def test_it_says_what_it_is_sent(broker: Mosquitto, opened: ExitStack) -> None:
    """With a chime for an announcement; a message that the broker kept from yesterday is not said again."""
    device = Device(broker, opened)
    for what in ("say", "announce"):
        device.tell(TOPICS.of(what), "old news", retain=True)
    device.start()
    device.tell(TOPICS.of("say"), "  dinner\nis ready ")
    device.tell(TOPICS.of("announce"), "the wash is done")
    assert until(lambda: device.body.said == [("dinner is ready", False), ("the wash is done", True)])


@pytest.mark.broker
def test_typed_commands_are_answered(broker: Mosquitto, opened: ExitStack) -> None:
    """As turns of their own source, with the reply on a topic; one that the broker kept is not taken."""
    device = Device(broker, opened, text_commands=True, user="anna")
    device.tell(TOPICS.of("text"), "open the garage", retain=True)
    device.start()
    device.tell(TOPICS.of("text"), "what time is it")
    assert device.sees(TOPICS.of("reply"), "I heard what time is it.")
    assert [(each.source, each.typed) for each in device.taken] == [("mqtt", "what time is it")]


@pytest.mark.broker
def test_typed_commands_are_off_by_default(broker: Mosquitto, opened: ExitStack) -> None:
    """Nobody listens on their topic."""
    device = Device(broker, opened)
    device.start()
    device.tell(TOPICS.of("text"), "what time is it")
    device.tell(TOPICS.of("say"), "marker")
    assert until(lambda: device.body.said == [("marker", False)])
    assert device.taken == []


def test_typed_commands_need_a_broker_with_credentials(tmp_path: Path) -> None:
    """Where everybody on the network may write, nobody may command the home; a user or a certificate will do."""
    flags = {"mqtt.url": "mqtt://host", "mqtt.text_commands": "true"}
    with pytest.raises(ConfigError, match="give the broker passwords"):
        load_settings(flags=flags, environ={})
    for key in ("mqtt.user", "mqtt.certificate_file"):
        assert load_settings(flags={**flags, key: "anna"}, environ={}).settings.mqtt.text_commands


class FakeConnection(LocalBus):
    """A broker in this process, which is online at once."""

    def subscribe(self, topic_filter: str, handler: object, *, retained: bool = True) -> None:
        super().subscribe(topic_filter, handler)  # type: ignore[arg-type]

    def on_online(self, listener: object) -> None:
        listener()  # type: ignore[operator]


@pytest.mark.parametrize(
    "payload", [b"", b" ", b"\xff\xfe", b"x" * 4_001, b"\0\x1b\n"], ids=["empty", "blank", "latin", "long", "controls"]
)
def test_what_is_no_text_is_not_said(payload: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """And the log keeps it to itself."""
    body = FakeBody()
    device = OwnDevice(FakeConnection(), MqttSettings(), WallClock(), turn_of, body=body)
    device.start()
    device._on_spoken(payload, chimes=False)
    assert body.said == []
    assert "is empty, no UTF-8, too long" in caplog.text


def test_five_texts_a_second_are_enough() -> None:
    """Of a flood the first five are said, and five again a second later."""
    clock = SimulatedClock(datetime(2026, 5, 1, tzinfo=UTC))
    connection, body = FakeConnection(), FakeBody()
    OwnDevice(connection, MqttSettings(), clock, turn_of, body=body).start()
    for _ in range(3):
        for number in range(100):
            connection.publish(TOPICS.of("say"), f"text {number}")
        clock.advance(timedelta(seconds=1))
    assert [text for text, _ in body.said] == [f"text {number}" for number in range(5)] * 3


def test_without_a_voice_it_says_that_it_has_none(caplog: pytest.LogCaptureFixture) -> None:
    """In the log, and not what it was to say."""
    connection = FakeConnection()
    with caplog.at_level("INFO"):
        OwnDevice(connection, MqttSettings(), WallClock(), turn_of).start()
        connection.publish(TOPICS.of("say"), "the secret word")
        connection.publish(TOPICS.to_set("mute"), "ON")
    assert "here is no voice" in caplog.text
    assert "secret" not in caplog.text


# --- real ears and a real voice --------------------------------------------------------------------------------------


class FakeMicrophone:
    """Brings the sound that a test gives it, block by block, and nothing in between."""

    def __init__(self) -> None:
        self._blocks: queue.Queue[NDArray[np.int16] | None] = queue.Queue()

    def hear(self, *sounds: NDArray[np.int16]) -> None:
        sound = np.concatenate(sounds)
        for begin in range(0, sound.size, 1_280):
            self._blocks.put(sound[begin : begin + 1_280])

    def __iter__(self) -> Iterator[NDArray[np.int16]]:
        while (block := self._blocks.get()) is not None:
            yield block

    def close(self) -> None:
        self._blocks.put(None)


def loudness(path: Path) -> float:
    """Root mean square of all that was played."""
    sound = np.frombuffer(path.read_bytes()[44:], dtype=np.int16).astype(np.float64)
    return float(np.sqrt(np.mean(sound**2)))


@pytest.mark.broker
@pytest.mark.models
@pytest.mark.slow
def test_real_ears_are_muted_and_a_real_voice_is_turned_down(
    broker: Mosquitto, opened: ExitStack, tmp_path: Path
) -> None:
    """A muted command is not heard, the same one afterwards is; what is said at half the volume is half as loud."""
    runtime = build_runtime(EdgeSettings(), clock=WallClock(), in_process=True, store=":memory:", voice=True)
    opened.callback(runtime.close)
    assert runtime.voice is not None
    microphone, turns, activities = FakeMicrophone(), list[Turn](), list[str]()
    activity, file = Activity(), WavSink(tmp_path / "loud.wav")
    sink = AdjustableSink(file, lambda sounds: activity.note("speaking", sounds))
    activity.on_change(activities.append)
    listening = Listening(
        runtime.voice, runtime.conversation, runtime.understanding, microphone, sink,
        on_turn=lambda turn, _: turns.append(turn), on_doing=activity.note,
    )  # fmt: skip
    opened.callback(listening.close)
    bus = MqttBus(Settings(broker.url))
    opened.callback(bus.close)
    bus.connect()
    device = OwnDevice(
        bus, MqttSettings(url=broker.url), runtime.clock, runtime.conversation.take,
        body=EarsAndMouth(listening, sink),
    )  # fmt: skip
    listening.start()
    device.start()
    command = (silence(1_000), spoken("Hey Jarvis, turn on the kitchen light."), silence(2_500))

    bus.publish(TOPICS.to_set("mute"), "ON")
    assert until(lambda: listening.muted)
    microphone.hear(*command)
    assert until(microphone._blocks.empty)
    bus.publish(TOPICS.to_set("mute"), "OFF")
    assert until(lambda: not listening.muted)
    assert (turns, activities) == ([], [])
    microphone.hear(*command)
    assert until(lambda: len(turns) == 1)
    assert runtime.home.states()["light.kitchen"]["state"] == "on"
    assert until(lambda: "speaking" in activities and activities[-1] == "idle")  # it may be idle for a blink before
    assert activities[:2] == ["listening", "thinking"]

    heard: list[float] = []
    for number, percent in enumerate(("100", "50")):
        bus.publish(TOPICS.to_set("volume"), percent)
        assert until(lambda: sink.volume == int(percent) / 100)  # noqa: B023 - asked before the next one
        path = tmp_path / f"{number}.wav"
        file.close()
        file._path = path
        before = len(activities)
        bus.publish(TOPICS.of("announce"), "Dinner is ready.")
        assert until(lambda: activities[before:] == ["speaking", "idle"])  # noqa: B023 - the same
        file.close()
        heard.append(loudness(path))
    assert heard[0] > 100
    assert heard[1] == pytest.approx(heard[0] / 2, rel=0.02)


def test_a_softened_sink_tells_when_it_sounds() -> None:
    """Also when the loudspeaker is lost in the middle."""

    class FakeLostSpeaker:
        def play(self, pieces: object, sample_rate: int, playback: Playback) -> None:
            raise RuntimeError

        def close(self) -> None:
            pass

    told: list[bool] = []
    with closing(AdjustableSink(FakeLostSpeaker(), told.append)) as sink, pytest.raises(RuntimeError):
        sink.play([], 16_000, Playback())
    assert told == [True, False]
