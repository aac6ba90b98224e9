"""The benchmark's own instruments: its commands, its microphone, its probe, its figures."""

import io
import itertools
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from paho.mqtt import publish
from rich.console import Console

from edge import Assistant, Home, SimulatedClock
from edge.bench import figures, home
from edge.bench.commands import PAUSE_S, RATE, Command, catalogue, prompt_home, spoken, spoken_commands
from edge.bench.home import HomePlan, HomeReport, Talk, measure_home
from edge.bench.home_local import Growth, Written
from edge.bench.idle import idle_report
from edge.bench.latency import TO_COMMAND, TO_REPLY, LatencyReport, Trial, trials
from edge.bench.mosquitto import mosquitto_path
from edge.bench.pacing import PacedSource
from edge.bench.probe import BrokerProbe
from edge.bench.rig import Rig, listening_rig
from edge.clock import monotonic_ms
from edge.errors import BrokerError
from edge.hearing.sources import BLOCK_SAMPLES
from edge.home.broker import EmbeddedBroker
from edge.home.home_file import load_home_file
from edge.settings import Settings

LIGHT = Command("turn on the light", "home/light/set", {"state": "ON"})


class FakeVoice:
    """Says every text as half a second of noise between two stretches of near silence."""

    sample_rate = RATE

    def synthesise(self, text: str) -> Iterator[NDArray[np.int16]]:
        rng = np.random.default_rng(len(text))
        yield rng.normal(0, 10, 1_600).astype(np.int16)
        yield rng.normal(0, 4_000, 8_000).astype(np.int16)
        yield rng.normal(0, 10, 4_800).astype(np.int16)


def device_id(command: Command) -> str:
    return ".".join(command.device_topic.split("/")[-2:])


def test_every_command_sends_exactly_its_message() -> None:
    """Typed into the demo home, each text of the catalogue changes its device and sends what the benchmark expects."""
    clock = SimulatedClock(datetime(2026, 1, 1, 12, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock) as assistant:
        for command in catalogue():
            before = assistant.home.states()[device_id(command)]
            turn = assistant.hear_text(command.text)
            assert assistant.home.states()[device_id(command)] != before, command.text
            sent = [message for done in turn.done_steps if done.outcome for message in done.outcome.sent]
            assert [command.is_met_by(message.topic, message.payload) for message in sent] == [True], command.text


def test_the_catalogue_is_large_enough() -> None:
    """At least fifty different commands."""
    assert len({command.text for command in catalogue()}) == len(catalogue()) >= 50


@pytest.mark.parametrize(
    ("topic", "payload", "met"),
    [
        ("home/light/set", '{"state":"ON"}', True),
        ("home/light/set", '{"state":"OFF"}', False),
        ("home/lamp/set", '{"state":"ON"}', False),
        ("home/light/set", '{"state":', False),
    ],
)
def test_a_command_is_met_by_its_own_message_only(topic: str, payload: str, met: bool) -> None:
    """Topic and meaning of the payload count, not its spaces."""
    assert LIGHT.is_met_by(topic, payload) is met


def test_the_home_of_the_benchmark_answers_at_once(tmp_path: Path) -> None:
    """It is the demo home in all else."""
    (tmp_path / "home.toml").write_text(prompt_home(), encoding="utf-8")
    home = load_home_file(tmp_path / "home.toml")
    assert {entry.answers_in_s for entry in home.devices.values()} == {(0.02, 0.02)}
    assert {device_id(command) for command in catalogue()} <= set(home.devices)


def test_spoken_commands_end_with_their_last_voiced_sample() -> None:
    """Silence around the words is cut; with a pause, wake word and command are half a second apart."""
    breath = spoken(FakeVoice(), LIGHT, in_one_breath=True)
    assert (breath.samples.size, breath.last_voiced_sample) == (8_000, 7_999)
    paused = spoken(FakeVoice(), LIGHT, in_one_breath=False)
    assert paused.samples.size == 16_000 + PAUSE_S * RATE
    assert not paused.samples[8_000:16_000].any()


def test_the_seed_decides_the_order() -> None:
    """The same seed says the same commands, another one others; every other one with a pause."""

    def order(seed: int) -> list[str]:
        return [said.command.text for said in spoken_commands(FakeVoice(), 8, seed)]

    assert order(1) == order(1) != order(2)
    said = list(spoken_commands(FakeVoice(), len(catalogue()) + 2, 1))
    assert [one.in_one_breath for one in said[:4]] == [True, False, True, False]
    assert {one.command.text for one in said} == {command.text for command in catalogue()}


def test_the_microphone_keeps_the_pace_and_tells_the_moment() -> None:
    """What is said is in its blocks, none comes early, and the last voiced sample lies just before its delivery."""
    sound = np.full(1_000, 5_000, dtype=np.int16)
    source = PacedSource()
    moment = source.say(sound, 899)
    began_ms = monotonic_ms()
    blocks = []
    delivered_ms = []
    for block in itertools.islice(source, 10):
        blocks.append(block)
        delivered_ms.append(monotonic_ms())
    source.close()
    heard = np.concatenate(blocks)
    assert heard.size == 10 * BLOCK_SAMPLES
    assert np.flatnonzero(heard > 2_500).tolist() == list(range(1_000))
    assert all(at >= began_ms + 20 * (index + 1) for index, at in enumerate(delivered_ms))
    assert began_ms + 900 / 16 <= moment.result(timeout=0) <= delivered_ms[2]


def test_a_closed_microphone_ends() -> None:
    """The reader's loop ends instead of waiting for more."""
    source = PacedSource()
    source.close()
    assert list(source) == []


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.broker
def test_the_probe_hears_what_is_published(broker: EmbeddedBroker) -> None:
    """With its moment; what was retained before and what is not wanted are left out."""
    port = int(broker.url.rpartition(":")[2])
    publish.single("bench/old", "old", retain=True, port=port)
    with BrokerProbe(broker.url, "bench/#") as probe:
        before_ms = monotonic_ms()
        for topic in ("bench/forgotten", "bench/other", "bench/light/set"):
            publish.single(topic, "on", qos=1, port=port)
            if topic == "bench/forgotten":
                assert probe.wait_for(lambda arrival: True, timeout_s=5)
        arrival = probe.wait_for(lambda arrival: arrival.topic.endswith("/set"), timeout_s=5)
        assert arrival is not None
        assert (arrival.topic, arrival.payload) == ("bench/light/set", "on")
        assert before_ms <= arrival.at_ms <= monotonic_ms()
        assert probe.wait_for(lambda arrival: True, timeout_s=0.05) is None


@pytest.mark.broker
def test_the_probe_says_when_there_is_no_broker() -> None:
    """One line instead of a hanging benchmark."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"mqtt://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(BrokerError, match="cannot reach the broker"), BrokerProbe(url, "#"):
            pass


def test_percentiles_lie_between_values() -> None:
    """As numpy counts them."""
    assert figures.percentiles([4.0, 1.0, 3.0, 2.0, 5.0], 50, 95, 100) == pytest.approx((3.0, 4.8, 5.0))


def test_the_machine_is_named() -> None:
    """Cores, memory and Python are in the line that stands above every figure."""
    assert all(part in figures.machine() for part in (" cores", " GB", "Python 3."))
    assert 5 < figures.memory_mb() <= figures.memory_peak_mb()
    assert 0 < figures.seconds_since_start() <= figures.seconds_since_start()


def test_a_report_counts_only_what_was_carried_out_as_meant() -> None:
    """A misheard command has no latency, but it is shown."""
    right = [Trial(f"say {ms}", True, "", True, {TO_COMMAND: ms, TO_REPLY: 2 * ms}) for ms in (100.0, 300.0)]
    wrong = Trial("turn on the fan", False, "turn on the van", False, {})
    report = LatencyReport("a machine", 1, (*right, wrong))
    assert report.stages() == {TO_COMMAND: [100.0, 300.0], TO_REPLY: [200.0, 600.0]}
    figures_by_name = json.loads(json.dumps(report.to_dict()))
    assert figures_by_name["stages_ms"][TO_COMMAND] == {"p50": 200.0, "p95": 290.0, "max": 300.0}
    assert (figures_by_name["commands"], figures_by_name["right"]) == (3, 2)
    page = io.StringIO()
    report.show(Console(file=page, width=100))
    assert all(text in page.getvalue() for text in ("a machine", TO_COMMAND, "200", "turn on the van"))


def test_a_report_without_any_success_can_be_shown() -> None:
    """Nothing heard is a result, too."""
    page = io.StringIO()
    report = LatencyReport("a machine", 1, (Trial("turn on the fan", False, "", False, {}),))
    report.show(Console(file=page, width=100))
    assert "1 commands, 0 carried out" in page.getvalue()
    assert report.to_dict()["stages_ms"] == {}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with listening_rig(Settings()) as rig:
        yield rig


@pytest.mark.models
@pytest.mark.broker
@pytest.mark.slow
def test_the_whole_rig_times_a_spoken_command(rig: Rig) -> None:
    """Wake word, recognition, broker, device, reply: the stages are there and add up."""
    with BrokerProbe(rig.broker_url, "edge/simulated/#") as probe:
        (trial,) = trials(rig, probe, spoken_commands(rig.mouth, 1, seed=5))
    assert trial.is_right, f"heard {trial.heard!r}"
    parts = {name: ms for name, ms in trial.stages_ms.items() if name not in {TO_COMMAND, TO_REPLY}}
    assert sum(parts.values()) == pytest.approx(trial.stages_ms[TO_REPLY], abs=5.0)
    assert 0 < trial.stages_ms[TO_COMMAND] < trial.stages_ms[TO_REPLY]


@pytest.mark.models
@pytest.mark.broker
@pytest.mark.slow
def test_the_whole_rig_listens_to_talk(rig: Rig) -> None:
    """Memory and a core's share are measured on a running assistant, whose models have all worked."""
    report = idle_report(rig, 3.2, 2, Console(file=io.StringIO()))
    assert report.start_to_listening_s == 3.2
    assert 100 < report.memory_mb <= report.memory_peak_mb
    assert 0 < report.core_share < 2
    page = io.StringIO()
    report.show(Console(file=page, width=100))
    assert all(text in page.getvalue() for text in ("3.2 s", "MB", "2 s of talk", "% of a core"))


def test_the_home_report_shows_what_it_counted() -> None:
    """The delay is that of the slowest twentieth; every figure has its row, and its place in the JSON."""
    quiet, talking = tuple(float(ms) for ms in range(1, 101)), tuple(ms + 7.0 for ms in range(1, 101))
    talk = Talk(2_000, 120_000, 0, quiet, talking, 1, 55.0)
    report = HomeReport("a machine", 1_000, Growth(9, 50.0, 51.0), Written(7, 0.2, 0.3, 5), "", 0.5, talk, (0.2, 3.0))
    told = json.loads(json.dumps(report.to_dict()))
    assert told["talk"]["delayed_p95_ms"] == 7.0
    assert told["talk"]["quiet_ms"]["max"] == 100.0
    assert told["memory"]["growth"] == pytest.approx(0.02)
    page = io.StringIO()
    report.show(Console(file=page, width=150))
    wanted = ("a machine", "0.50 s", "7.0 ms", "+2.0%", "0.20 MB written", "at most 3.00 s", "120,000 messages")
    assert all(text in page.getvalue() for text in wanted)


def test_without_a_broker_the_home_is_measured_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory and writing need none; the rest is said to be missing."""
    monkeypatch.setattr(home, "mosquitto_path", lambda: None)
    report = measure_home(Settings(), HomePlan(entities=20, messages=2_000), Console(file=io.StringIO()))
    assert report.memory.messages == 2_000
    assert report.written.messages > 0
    assert (report.import_s, report.talk, report.restart_s) == (None, None, ())
    page = io.StringIO()
    report.show(Console(file=page, width=150))
    assert "mosquitto is not installed" in page.getvalue()


@pytest.mark.broker
@pytest.mark.slow
def test_a_whole_home_is_measured_at_a_broker() -> None:
    """Small and short: everything is imported, every command is confirmed, every last state is right."""
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    plan = HomePlan(entities=40, rate=400, seconds=2, messages=2_000, restarts=1)
    report = measure_home(Settings(), plan, Console(file=io.StringIO()))
    assert report.import_s is not None
    assert report.talk is not None
    assert (report.talk.wrong_states, report.talk.undone, report.talk.said) == (0, 0, 800)
    assert len(report.talk.quiet_ms) == len(report.talk.talking_ms) == 8
    assert len(report.restart_s) == 1
