"""World: the crowd as a process of its own, so that its work is not taken for ours; and the one who starts it.

`python -m edge.bench.crowd_process crowd URL COUNT` announces its things and says ready; then every line that it reads,
`RATE SECONDS`, has it say so many messages a second, and it answers with what it said last of each device, as JSON.
`python -m edge.bench.crowd_process lamp URL` is one lamp that obeys at once.
"""

import json
import subprocess
import sys
import time
from itertools import islice
from types import TracebackType
from typing import Final, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.bench.crowd import LAMP, chatter, things
from edge.clock import WallClock
from edge.errors import BrokerError
from edge.home.home_file import DeviceEntry, HomeFile
from edge.home.mqtt import MqttBus
from edge.home.simulated import SimulatedHome
from edge.home.simulated_announcing import STATUS_TOPIC
from edge.settings import MqttSettings

READY: Final = "ready"
PACKET: Final = 10
"""So many messages are said at once; then it waits for its pace."""
ANSWER_S: Final = 120.0


class CrowdProcess:
    """A process that plays a part, while the block runs."""

    def __init__(self, *part: str) -> None:
        """`crowd URL COUNT` or `lamp URL`."""
        self._part = part

    def __enter__(self) -> Self:
        """Start, and wait until it is ready. Raises BrokerError when it is not."""
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", __name__, *self._part], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._line() != READY:
            raise BrokerError("The crowd of the benchmark did not start.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self, rate: int, seconds: float) -> None:
        """Have it say so many messages a second from now on."""
        assert self._process.stdin is not None, "asked for"
        self._process.stdin.write(f"{rate} {seconds}\n")
        self._process.stdin.flush()

    def said(self) -> dict[str, str]:
        """Wait until it has said everything; returns the state that each device should have, by device_id."""
        found: dict[str, str] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None, "asked for"
        return self._process.stdout.readline().strip()


def main(part: str, url: str, count: int = 0) -> None:
    """Play a part until standard input ends."""
    if part == "lamp":
        _lamp(url)
    else:
        _crowd(url, count)


def _lamp(url: str) -> None:
    lamp = DeviceEntry(name=LAMP, capabilities=frozenset({"brightness"}), answers_in_s=(0.0, 0.0))
    bus = MqttBus(MqttSettings(url=url), client_id="edge-bench-lamp", status_topic=STATUS_TOPIC)
    bus.connect()
    SimulatedHome(HomeFile(devices={"light.reading_lamp": lamp}), bus, WallClock())
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    sys.stdin.read()
    bus.close()


def _crowd(url: str, count: int) -> None:
    host, _, port = url.removeprefix("mqtt://").partition(":")
    client = Client(CallbackAPIVersion.VERSION2, "edge-bench-crowd")
    client.max_inflight_messages_set(0)
    client.max_queued_messages_set(0)
    client.connect(host, int(port))
    client.loop_start()
    crowd = things(count)
    speech = chatter(crowd, seed=count)
    client.publish("crowd/bridge/state", '{"state": "online"}', qos=1, retain=True).wait_for_publish(ANSWER_S)
    for thing in crowd:
        client.publish(*thing.announcement(), qos=1, retain=True)
    for said in islice(speech, count):
        last = client.publish(said.topic, said.payload, qos=1, retain=True)
    last.wait_for_publish(ANSWER_S)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        rate, seconds = line.split()
        states: dict[str, str] = {}
        began, messages = time.monotonic(), int(float(rate) * float(seconds))
        for number in range(messages):
            said = next(speech)
            client.publish(said.topic, said.payload)
            states[said.device_id] = said.state
            if number % PACKET == 0:
                time.sleep(max(0.0, began + number / float(rate) - time.monotonic()))
        sys.stdout.write(f"{json.dumps(states)}\n")
        sys.stdout.flush()
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:]))  # type: ignore[arg-type]
