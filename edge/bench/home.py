"""World: Edge in a large and talkative home: import, turns beside it, memory, what is written, a broker lost."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.bench.crowd import LAMP
from edge.bench.crowd_process import CrowdProcess
from edge.bench.figures import machine, percentiles
from edge.bench.home_local import Growth, Written, measure_memory, measure_writes
from edge.bench.mosquitto import Mosquitto, mosquitto_path
from edge.clock import WallClock
from edge.errors import BrokerError
from edge.home.mqtt import MqttBus
from edge.home.picture import HomePicture
from edge.records import Utterance
from edge.runtime import Runtime, build_runtime
from edge.settings import MqttSettings, Settings

BLOCK_S: Final = 10.0
"""Quiet and talk take turns, each for so long."""
COMMAND_EACH_S: Final = 0.25
WARM_UP_S: Final = 3.0
IMPORT_S: Final = 60.0
SETTLE_S: Final = 5.0
WORKS_S: Final = 30.0
UNHEARD: Final = frozenset({"unknown", "unavailable"})


@dataclass(frozen=True)
class HomePlan:
    """What is measured, and how much of it."""

    entities: int = 1_000
    rate: int = 2_000
    """Messages a second."""
    seconds: int = 60
    """So long they are said, and as long it is quiet."""
    messages: int = 1_000_000
    """For the memory."""
    restarts: int = 10


@dataclass(frozen=True)
class Talk:
    """Turns beside a home that is quiet, and beside the same home while it talks."""

    rate: int
    said: int
    wrong_states: int
    """Devices whose state is not what they said last, when all is over."""
    quiet_ms: tuple[float, ...]
    talking_ms: tuple[float, ...]
    undone: int
    """Commands that the lamp did not confirm."""
    us_a_message: float
    """Processor time of this process for each message, microseconds."""

    @property
    def delayed_ms(self) -> float:
        """How much later the slowest twentieth ends, at least."""
        return percentiles(self.talking_ms, 95)[0] - percentiles(self.quiet_ms, 95)[0]


@dataclass(frozen=True)
class HomeReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    entities: int
    memory: Growth
    written: Written
    missing: str = ""
    """Why what takes a broker was not measured."""
    import_s: float | None = None
    talk: Talk | None = None
    restart_s: tuple[float, ...] = ()
    """From the broker's death to the first command that was carried out."""

    def to_dict(self) -> dict[str, Any]:
        talk = None
        if self.talk:
            shares = {name: percentiles(getattr(self.talk, name), 50, 95, 100) for name in ("quiet_ms", "talking_ms")}
            named = {
                name: dict(zip(("p50", "p95", "max"), (round(v, 2) for v in values), strict=True))
                for name, values in shares.items()
            }
            talk = {**asdict(self.talk), **named, "delayed_p95_ms": round(self.talk.delayed_ms, 2)}
        return {
            "machine": self.machine,
            "entities": self.entities,
            "import_s": self.import_s,
            "talk": talk,
            "memory": {**asdict(self.memory), "growth": self.memory.growth},
            "written": asdict(self.written),
            "restart_s": self.restart_s,
            "missing": self.missing,
        }

    def show(self, console: Console) -> None:
        """As a table for people."""
        table = Table(box=None, pad_edge=False, show_header=False)
        if self.import_s is not None:
            table.add_row(f"import of {self.entities:,} things", f"{self.import_s:.2f} s")
        if self.talk:
            _show_talk(self.talk, table)
        table.add_row(*self.memory.row())
        table.add_row(*self.written.row())
        if self.restart_s:
            median, longest = percentiles(self.restart_s, 50, 100)
            table.add_row("broker restart to first command", f"{median:.2f} s, at most {longest:.2f} s")
        console.print(self.machine, markup=False, highlight=False, soft_wrap=True)
        console.print(table)
        if self.missing:
            console.print(f"Not measured, for want of a broker: {self.missing}", markup=False, highlight=False)


def _show_talk(talk: Talk, table: Table) -> None:
    for name, values in (("quiet", talk.quiet_ms), (f"{talk.rate:,} messages a second", talk.talking_ms)):
        p50, p95, most = percentiles(values, 50, 95, 100)
        table.add_row(f"turn, {name}", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, most {most:.1f} ms, of {len(values)}")
    table.add_row("delay at p95", f"{talk.delayed_ms:.1f} ms")
    table.add_row("final states", f"{talk.said:,} messages, {talk.wrong_states} devices wrong")
    table.add_row("commands not confirmed", str(talk.undone))
    table.add_row("processor time of a message", f"{talk.us_a_message:.0f} µs")


def measure_home(settings: Settings, plan: HomePlan, console: Console) -> HomeReport:
    """All parts, or without mosquitto those that need none. Raises EdgeError when the assistant cannot be started."""
    memory = measure_memory(plan.entities, plan.messages)
    written = measure_writes(plan.entities)
    report = HomeReport(machine(), plan.entities, memory, written)
    if mosquitto_path() is None:
        return replace(report, missing="mosquitto is not installed (apt-get install mosquitto).")
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as name:
        folder = Path(name)
        with Mosquitto(folder) as broker, CrowdProcess("crowd", broker.url, str(plan.entities)) as crowd:
            report = replace(report, import_s=_import_s(broker.url, plan.entities))
            with CrowdProcess("lamp", broker.url), _assistant(settings, broker.url, folder) as runtime:
                report = replace(report, talk=_talk(runtime, crowd, plan))
        with Mosquitto(folder) as broker, CrowdProcess("lamp", broker.url):
            with _assistant(settings, broker.url, folder) as runtime:
                times = tuple(_restart_s(runtime, broker) for _ in range(plan.restarts))
            return replace(report, restart_s=times)


@contextmanager
def _assistant(settings: Settings, url: str, folder: Path) -> Iterator[Runtime]:
    """An assistant without a voice at the broker, with a database of its own."""
    apart = settings.model_copy(
        update={
            "mqtt": MqttSettings(url=url),
            "home": settings.home.model_copy(update={"file": None}),
            "assistant": settings.assistant.model_copy(update={"room": None}),
        }
    )
    runtime = build_runtime(apart, clock=WallClock(), store=folder / "edge.db")
    try:
        yield runtime
    finally:
        runtime.close()


def _import_s(url: str, entities: int) -> float:
    """From connecting to a map of everything, with the states. Raises BrokerError when it is never complete."""
    clock = WallClock()
    bus = MqttBus(MqttSettings(url=url))
    picture = HomePicture(bus, clock)
    began = time.monotonic()
    bus.connect()
    while time.monotonic() - began < IMPORT_S:
        time.sleep(0.05)
        states = picture.states()
        if len(states) == entities and not any(state.value in UNHEARD for state in states.values()):
            took_s = time.monotonic() - began
            bus.close()
            return took_s
    found = len([state for state in picture.states().values() if state.value not in UNHEARD])
    bus.close()
    raise BrokerError(f"Of {entities:,} things only {found:,} had told their state after {IMPORT_S:.0f} s.")


def _talk(runtime: Runtime, crowd: CrowdProcess, plan: HomePlan) -> Talk:
    quiet: list[float] = []
    talking: list[float] = []
    states: dict[str, str] = {}
    said, cpu_s = 0, 0.0
    _commands(runtime, WARM_UP_S)
    for _ in range(max(1, round(plan.seconds / BLOCK_S))):
        block_s = min(BLOCK_S, plan.seconds)
        began_s = time.process_time()
        quiet += _commands(runtime, block_s)
        between_s = time.process_time()
        crowd.begin(plan.rate, block_s)
        talking += _commands(runtime, block_s)
        states |= crowd.said()
        said += int(plan.rate * block_s)
        cpu_s += time.process_time() - between_s - (between_s - began_s)
    end = time.monotonic() + SETTLE_S
    while (wrong := _wrong(runtime, states)) and time.monotonic() < end:
        time.sleep(0.05)
    undone = sum(not _took(each) for each in (*quiet, *talking))
    took = (tuple(filter(_took, quiet)), tuple(filter(_took, talking)))
    return Talk(plan.rate, said, wrong, *took, undone, cpu_s * 1e6 / max(1, said))


def _took(milliseconds: float) -> bool:
    return milliseconds >= 0


def _wrong(runtime: Runtime, wanted: dict[str, str]) -> int:
    states = runtime.home.picture.states()
    return sum(device_id not in states or states[device_id].value != value for device_id, value in wanted.items())


def _commands(runtime: Runtime, seconds: float) -> list[float]:
    """Milliseconds from the typed command to the reply, the lamp's own answer included; -1 for each unconfirmed."""
    took: list[float] = []
    end = time.monotonic() + seconds
    for number in range(int(seconds / COMMAND_EACH_S)):
        began = time.monotonic()
        done = _switch(runtime, on=number % 2 == 0)
        took.append((time.monotonic() - began) * 1000.0 if done else -1.0)
        time.sleep(max(0.0, min(began + COMMAND_EACH_S, end) - time.monotonic()))
    return took


def _switch(runtime: Runtime, *, on: bool) -> bool:
    """Whether the lamp did as it was told."""
    turn = runtime.conversation.take(Utterance("text", typed=f"turn {'on' if on else 'off'} the {LAMP}"))
    outcomes = [done.outcome for done in turn.done_steps]
    return bool(outcomes) and all(outcome is not None and outcome.confirmed is True for outcome in outcomes)


def _restart_s(runtime: Runtime, broker: Mosquitto) -> float:
    """Raises BrokerError when no command works again."""
    is_on = runtime.home.picture.states()["light.reading_lamp"].value == "on"
    broker.kill()
    began = time.monotonic()
    broker.start()
    while time.monotonic() - began < WORKS_S:
        if _switch(runtime, on=not is_on):
            took_s = time.monotonic() - began
            time.sleep(0.5)
            return took_s
        time.sleep(0.02)
    raise BrokerError(f"After a restart of the broker no command worked for {WORKS_S:.0f} s.")
