"""`edge run` as a process: the socket, the broker that comes and goes, and leaving in good order."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge import control
from edge.errors import EdgeError
from edge.home.mqtt import MqttBus
from tests.brokers import Mosquitto, Settings, free_port, program, until

pytestmark = [pytest.mark.slow, pytest.mark.broker]


class Running:
    """A service without ears, in a process of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.socket = folder / "control.sock"
        self.env = {**os.environ, "EDGE_DATA": str(folder / "data"), "EDGE_SOCKET": str(self.socket)}
        words = [sys.executable, "-m", "edge", *flags, "run", "--source", "none", "--sink", "none"]
        self.process = subprocess.Popen(
            words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
        )
        assert until(lambda: control.is_served(self.socket) or self.process.poll() is not None, 30)

    def say(self, text: str) -> str:
        reply = control.ask(self.socket, "say", text=text)["response"]["text"]
        assert isinstance(reply, str)
        return reply

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it; gives all that it printed."""
        self.process.send_signal(how)
        printed, _ = self.process.communicate(timeout=20)
        return printed


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


def test_commands_speak_to_the_service(service: Running) -> None:
    """One home, one database: what one command does the next one sees, and a second service is refused."""
    assert service.say("turn on the kitchen light") == "The kitchen light is on."
    done = subprocess.run(
        [sys.executable, "-m", "edge", "devices", "--json"], env=service.env, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["light.kitchen"]["state"] == "on"
    again = subprocess.run(
        [sys.executable, "-m", "edge", "run", "--source", "none"], env=service.env, capture_output=True, check=False
    )
    assert again.returncode == 1
    assert b"already running" in again.stderr
    with pytest.raises(EdgeError, match="There is no"):
        control.ask(service.socket, "turn", turn_id="nosuchturn")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_leaves_in_good_order(service: Running, how: signal.Signals) -> None:
    """Exit code 0, no traceback, no speech in what it printed, the socket gone, the turn kept."""
    service.say("turn on the kitchen light")
    printed = service.stop(how)
    assert service.process.returncode == 0, printed
    assert "Traceback" not in printed
    assert "kitchen" not in printed
    assert not service.socket.exists()
    listed = subprocess.run(
        [sys.executable, "-m", "edge", "turns", "--json"], env=service.env, capture_output=True, check=True
    )
    assert len(json.loads(listed.stdout)) == 1


def test_sudden_death_leaves_a_service_that_starts_again(service: Running, tmp_path: Path) -> None:
    """After kill -9 the socket lies about and the database was never closed; the next start takes both over."""
    service.say("turn on the kitchen light")
    service.stop(signal.SIGKILL)
    again = Running(tmp_path)
    assert [row["said"] for row in control.ask(again.socket, "turns")] == ["turn on the kitchen light"]
    again.stop()


def test_a_broker_that_is_away_is_waited_for_and_missed_in_words(tmp_path: Path) -> None:
    """Down at the start the service comes up and says so; the home is there with the broker, and may be lost again."""
    port, mosquitto = free_port(), program("mosquitto")
    service = Running(tmp_path, "--set", f"mqtt.url=mqtt://127.0.0.1:{port}")
    broker = None
    try:
        assert control.ask(service.socket, "status")["online"] is False
        assert "cannot reach" in service.say("turn on the kitchen light")
        broker = subprocess.Popen([mosquitto, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert until(lambda: control.ask(service.socket, "status")["online"] is True, 15)
        broker.terminate()
        broker.wait(10)
        assert until(lambda: control.ask(service.socket, "status")["online"] is False, 15)
        assert service.say("what time is it").startswith("It is")
    finally:
        if broker and broker.poll() is None:
            broker.terminate()
            broker.wait(10)
        printed = service.stop()
    assert "Traceback" not in printed


def test_at_a_broker_it_is_a_device_and_takes_typed_commands(tmp_path: Path) -> None:
    """Announced to Home Assistant, answered on a topic, in the list of turns, and offline when it has left."""
    password_file = tmp_path / "password"
    password_file.write_text("x")
    with (
        Mosquitto(tmp_path, users={"anna": "x"}) as broker,
        closing(MqttBus(Settings(broker.url, "anna", password_file), status_topic=None)) as somebody,
    ):
        seen: dict[str, str] = {}
        somebody.connect()
        somebody.subscribe("#", lambda topic, payload: seen.update({topic: payload.decode()}))
        settings = {"url": broker.url, "user": "anna", "password_file": password_file, "text_commands": "true"}
        flags = [word for key, value in settings.items() for word in ("--set", f"mqtt.{key}={value}")]
        service = Running(tmp_path, *flags)
        try:
            assert until(lambda: "homeassistant/device/edge-assistant/config" in seen)
            somebody.publish("edge/assistant/text", "what time is it")
            assert until(lambda: "edge/assistant/reply" in seen)
            assert seen["edge/assistant/reply"].startswith("It is")
            assert until(lambda: json.loads(seen.get("edge/assistant/last_turn", "{}")).get("result") == "answered")
            assert [row["said"] for row in control.ask(service.socket, "turns")] == ["what time is it"]
        finally:
            printed = service.stop()
        assert "Traceback" not in printed
        assert until(lambda: seen["edge/status"] == "offline")
