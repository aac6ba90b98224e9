"""A home that does not exist: its devices announce themselves, obey like real ones, and can be used by hand.

It speaks to a `Bus` and goes by a `Clock`, so it lives in-process on simulated time as well as on a real broker.
"""

import random
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import Any, Final, Literal

from edge.clock import Clock
from edge.errors import BrokerError, EdgeError
from edge.home.bus import Bus
from edge.home.home_file import ATTRIBUTES, STATES, DeviceEntry, HomeFile
from edge.home.picture import CAUSE_TOPIC
from edge.home.simulated_announcing import STATUS_TOPIC, announcement, base_topic
from edge.home.simulated_devices import Reaction, answers_in_s, moves_in_s, obey, payload_of, start_state
from edge.knowledge import Cause, DeviceState

_STEPS: Final = {"position": 10, "current_temperature": 5}
"""How often a moving device reports on its way."""

_SILENT_DOMAINS: Final = frozenset({"button", "scene"})


@dataclass
class _Thing:
    """One simulated device as it is at the moment."""

    device_id: str
    domain: str
    entry: DeviceEntry
    state: dict[str, Any]
    since: datetime
    cause: Cause = "unknown"
    alive: bool = True
    ready_at: datetime | None = None
    movement: int = 0
    """Counts the movements, so that a newer one ends an older one."""
    announced: tuple[str, str] = field(default=("", ""))


class SimulatedHome:
    """Lives from its making until its bus is closed. Every method may be called from any thread."""

    def __init__(
        self,
        home_file: HomeFile,
        bus: Bus,
        clock: Clock,
        *,
        discovery_prefix: str = "homeassistant",
        delay_scale: float = 1.0,
        seed: int = 0,
    ) -> None:
        """`delay_scale` 0 makes every device obey at once; `seed` decides how long each takes."""
        self._bus = bus
        self._clock = clock
        self._delay_scale = delay_scale
        self._random = random.Random(seed)
        self._lock = threading.RLock()
        self._things = {
            device_id: _Thing(
                device_id=device_id,
                domain=device_id.split(".")[0],
                entry=entry,
                state=start_state(device_id.split(".")[0], entry),
                since=clock.now(),
                alive=entry.answers,
                announced=announcement(device_id, home_file, discovery_prefix),
            )
            for device_id, entry in home_file.devices.items()
        }
        self._by_topic = {base_topic(device_id): thing for device_id, thing in self._things.items()}
        bus.subscribe("edge/simulated/+/+/set/#", self._on_command)
        # A broker that lost its memory is told everything again: the bus says online whenever it has connected.
        bus.subscribe(STATUS_TOPIC, self._on_status)
        self._publish(STATUS_TOPIC, "online")

    def states(self) -> Mapping[str, DeviceState]:
        """What every device is really like, by device_id, whether it told anybody or not."""
        with self._lock:
            return {
                thing.device_id: DeviceState(
                    str(thing.state["state"]),
                    {key: value for key, value in thing.state.items() if key != "state" and value is not None},
                    thing.since,
                    thing.cause,
                )
                for thing in self._things.values()
                if "state" in thing.state
            }

    def use_switch(
        self, device_id: str, state: str, by: Literal["hand", "controller"] = "hand", **attributes: Any
    ) -> None:
        """Change a device as a person at it, or another controller, would. Raises `EdgeError` for nonsense."""
        with self._lock:
            thing = self._thing(device_id)
            allowed = STATES.get(thing.domain)
            if allowed and state not in allowed:
                raise EdgeError(f"{device_id} can be {', '.join(sorted(allowed))}; not {state!r}.")
            if unknown := sorted(set(attributes) - ATTRIBUTES):
                raise EdgeError(f"{device_id} has no {unknown[0]!r}. Known: {', '.join(sorted(ATTRIBUTES))}.")
            changes = {"state": state, **attributes}
            if thing.domain == "cover" and state in {"open", "closed"}:
                changes.setdefault("position", 100 if state == "open" else 0)
            if thing.domain == "light" and "color" in attributes:
                changes.setdefault("color_temp", None)
            if thing.domain == "light" and "color_temp" in attributes:
                changes.setdefault("color", None)
            thing.movement += 1
            if thing.alive:
                self._publish(f"{CAUSE_TOPIC}/{device_id}", by, retain=False)
            self._change(thing, changes, by)

    def kill(self, device_id: str) -> None:
        """From now on the device neither obeys nor speaks, as with a dead battery."""
        with self._lock:
            self._thing(device_id).alive = False

    def revive(self, device_id: str) -> None:
        """It has power again, and says what it is like."""
        with self._lock:
            thing = self._thing(device_id)
            thing.alive = True
            self._tell(thing)

    def _thing(self, device_id: str) -> _Thing:
        if device_id not in self._things:
            near = get_close_matches(device_id, self._things, n=1)
            raise EdgeError(f"The simulated home has no {device_id!r}.{f' Did you mean {near[0]!r}?' if near else ''}")
        return self._things[device_id]

    def _on_status(self, topic: str, payload: bytes) -> None:
        if payload != b"online":
            return
        with self._lock:
            for thing in self._things.values():
                self._publish(*thing.announced)
                self._report(thing)

    def _on_command(self, topic: str, payload: bytes) -> None:
        base, _, verb = topic.partition("/set")
        thing = self._by_topic.get(base)
        if thing is None:
            return
        text = payload.decode(errors="replace")
        with self._lock:
            # Commands are obeyed in their order, however quick a later one would be.
            now = self._clock.now()
            due = now + timedelta(seconds=self._drawn(answers_in_s(thing.domain, thing.entry)))
            thing.ready_at = max(due, thing.ready_at or due)
            delay_s = (thing.ready_at - now).total_seconds()
            self._clock.call_later(delay_s, partial(self._obey, thing, verb.removeprefix("/"), text))

    def _obey(self, thing: _Thing, verb: str, payload: str) -> None:
        with self._lock:
            reaction = obey(thing.domain, thing.entry, thing.state, verb, payload) if thing.alive else None
            if reaction is None:
                return
            thing.movement += 1
            self._change(thing, reaction.now, "unknown")
            if reaction.then is not None:
                self._move(thing, reaction, reaction.then)

    def _move(self, thing: _Thing, reaction: Reaction, end: Mapping[str, Any]) -> None:
        """Travel in steps, each at its time, until the end or the next movement."""
        whole_s = self._drawn(moves_in_s(thing.domain, thing.entry))
        stages: list[Mapping[str, Any]] = [end]
        if reaction.travels is not None:
            begin, count = float(thing.state.get(reaction.travels) or 0), _STEPS[reaction.travels]
            path = [begin + (reaction.to - begin) * step / count for step in range(1, count)]
            stages = [*({reaction.travels: round(place, 1)} for place in path), end]
            if reaction.travels == "position":
                whole_s *= abs(reaction.to - begin) / 100
        for number, changes in enumerate(stages, start=1):
            step = partial(self._arrive, thing, thing.movement, changes)
            self._clock.call_later(whole_s * number / len(stages), step)

    def _arrive(self, thing: _Thing, movement: int, changes: Mapping[str, Any]) -> None:
        with self._lock:
            if thing.movement == movement:
                self._change(thing, changes, thing.cause)

    def _change(self, thing: _Thing, changes: Mapping[str, Any], cause: Cause) -> None:
        thing.state |= changes
        thing.since, thing.cause = self._clock.now(), cause
        self._tell(thing)

    def _tell(self, thing: _Thing) -> None:
        if thing.alive:
            self._report(thing)

    def _report(self, thing: _Thing) -> None:
        if thing.domain not in _SILENT_DOMAINS:
            known = {key: value for key, value in thing.state.items() if value is not None}
            self._publish(base_topic(thing.device_id), payload_of(thing.domain, known))

    def _publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        # Without its broker a home goes on living; when it is back everything is told again.
        with suppress(BrokerError):
            self._bus.publish(topic, payload, retain=retain)

    def _drawn(self, span: tuple[float, float]) -> float:
        return self._random.uniform(*span) * self._delay_scale
