"""What the commands ask for, as plain JSON: the same deeds whether the service does them or the command by itself."""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np

from edge.errors import EdgeError
from edge.home.acl import Topics, acl, widened
from edge.home.arranging import Hidden
from edge.home.own_announcement import OwnTopics
from edge.learned import Learned
from edge.records import Utterance
from edge.replay import replay
from edge.runtime import Runtime


class Desk:
    """Answers for one runtime. Every public method is a deed: keyword arguments in, JSON out."""

    def __init__(self, runtime: Runtime, hearing: Callable[[], str] = lambda: "off") -> None:
        """`hearing` tells in a word or two how the ears are doing."""
        self._runtime = runtime
        self._hearing = hearing
        self._learned = Learned(runtime.store, runtime.clock.now, runtime.conversation.forget_knowledge)

    def deeds(self) -> Mapping[str, Callable[..., Any]]:
        """The deeds by name."""
        talking = (self.say, self.hear)
        showing = (
            self.turns,
            self.turn,
            self.why,
            self.health,
            self.labels,
            self.replay,
            self.audit,
            self.status,
            self.broker_acl,
        )
        listing = (self.devices, self.problems)
        changing = (self.set_pin, self.rename, self.alias, self.move, self.hide, self.show, self.guard)
        learned: dict[str, Callable[..., Any]] = {
            "learn": self.learn,
            "rewrites": self._learned.rules,
            "rewrite": self._learned.rule,
            "pin_rewrite": self._learned.pin,
            "disable_rewrite": self._learned.disable,
            "forget_rewrite": self._learned.forget,
            "knowledge_log": self._learned.log,
            "knowledge_diff": self._learned.diff,
            "roll_back": self._learned.roll_back,
        }
        return {deed.__name__: deed for deed in (*talking, *showing, *listing, *changing)} | learned

    def say(self, text: str, room: str | None = None, speaker: str = "unknown") -> dict[str, Any]:
        """One typed turn; gives the turn."""
        utterance = Utterance(source="text", room=room, speaker=speaker, typed=text)
        return self._runtime.conversation.take(utterance).to_dict()

    def hear(self, samples: str, room: str | None = None, speaker: str = "unknown") -> list[dict[str, Any]]:
        """The turns in a stretch of sound: int16 mono at 16 kHz in base64; gives the turns."""
        if self._runtime.voice is None:
            raise EdgeError("This Edge runs without speech recognition. Stop the service and try again.")
        sound = np.frombuffer(base64.b64decode(samples), dtype="<i2")
        turns = self._runtime.voice.hear(self._runtime.conversation, sound, "wav", room, speaker)
        return [turn.to_dict() for turn in turns]

    def turns(self, limit: int = 20, failed: bool = False) -> list[dict[str, Any]]:
        """The latest turns, newest first, a row each."""
        return [asdict(row) for row in self._runtime.store.turns(limit=limit, failed_only=failed)]

    def turn(self, turn_id: str) -> dict[str, Any]:
        """One turn, whole."""
        return self._runtime.store.turn(turn_id).to_dict()

    def why(self, turn_id: str) -> dict[str, Any]:
        """What one turn came to and why, as facts and as `lines` of a label and a sentence."""
        return self._runtime.looking_back.why(turn_id)

    def health(self, days: int) -> dict[str, Any]:
        """How the last days went."""
        now = self._runtime.clock.now()
        return self._runtime.looking_back.health(now - timedelta(days=days), now).to_dict()

    def labels(self, days: int, least: float = 0.5) -> dict[str, Any]:
        """How many turns of the last days went how, and what those that failed should have been taken for.

        The latter as far as it is at least so sure, oldest first, with what was heard.
        """
        first = self._runtime.clock.now() - timedelta(days=days)
        return self._runtime.looking_back.labels(first, least)

    def learn(self, dry: bool = False, show: bool = False) -> dict[str, Any]:
        """Make rules of what was said again, now; `dry`: publish none, `show`: tell what was said as well."""
        if not self._runtime.settings.learning.rewrites:
            raise EdgeError("Learning is turned off. Set learning.rewrites = true.")
        return self._runtime.learn(dry=dry).to_dict(show=show)

    def replay(self, turn_id: str, latest: bool = False) -> dict[str, Any]:
        """One turn lived through again, under its own knowledge revision or the latest."""
        store = self._runtime.store
        turn = store.turn(turn_id)
        knowledge = self._runtime.conversation.knowledge() if latest else store.knowledge(turn.knowledge_revision)
        again = replay(turn, knowledge, self._runtime.stages)
        return {
            "turn_id": turn.turn_id,
            "same": again.same,
            "differences": list(again.differences),
            "before": again.before.to_dict(),
            "after": again.after.to_dict(),
        }

    def audit(self, limit: int = 50, device_id: str | None = None) -> list[dict[str, Any]]:
        """The latest attempts to move something guarded, newest first."""
        return [asdict(attempt) for attempt in self._runtime.store.audit(limit, device_id)]

    def set_pin(self, digits: str) -> None:
        """The PIN from now on; empty: none."""
        pins = self._runtime.store.pins
        if digits:
            pins.set(digits)
        else:
            pins.clear()

    def devices(self) -> dict[str, dict[str, Any]]:
        """Every device by device_id, those that are hidden with `hidden` for their state."""
        hidden = {each.device_id: _hidden_row(each) for each in self._runtime.home.arranging.hidden()}
        return self._runtime.describe_devices() | hidden

    def problems(self) -> list[dict[str, Any]]:
        """What of the home cannot be used, and why."""
        return [asdict(each) for each in self._runtime.home.picture.problems()]

    def rename(self, device: str, name: str) -> str:
        """Another name for a device; says what is so now, as the next ones do."""
        return self._runtime.home.arranging.rename(device, name)

    def alias(self, device: str, names: list[str], remove: bool = False) -> str:
        """More names for a device, or fewer."""
        return self._runtime.home.arranging.alias(device, names, remove=remove)

    def move(self, device: str, room: str) -> str:
        """Another room for a device."""
        return self._runtime.home.arranging.room(device, room)

    def hide(self, device: str) -> str:
        """Speak of a device no more."""
        return self._runtime.home.arranging.hide(device)

    def show(self, device: str) -> str:
        """Speak of it again."""
        return self._runtime.home.arranging.show(device)

    def guard(self, device: str, guarded: bool = True) -> str:
        """Whether a device moves only after a yes."""
        return self._runtime.home.arranging.guard(device, guarded=guarded)

    def broker_acl(self, user: str | None = None, exact: bool = False) -> str:
        """What the broker must allow us, as mosquitto's ACL file has it; `exact`: for the present devices only."""
        mqtt = self._runtime.settings.mqtt
        own, found = OwnTopics(mqtt.node, mqtt.discovery_prefix), self._runtime.home.picture.topics()
        if exact:
            needed = found | Topics(own.read, own.written)
        else:
            needed = widened(found) | Topics(("edge/#", *own.read), ("edge/#", *own.written))
        return acl(user or mqtt.user or "edge", needed)

    def status(self) -> dict[str, Any]:
        """How the assistant is doing."""
        return {
            "pid": os.getpid(),
            "home": self._runtime.home.description,
            "online": self._runtime.home.picture.online,
            "devices": len(self._runtime.home.picture.home_map.devices),
            "broker_url": self._runtime.home.broker_url,
            "room": self._runtime.settings.assistant.room,
            "wake_words": list(self._runtime.settings.wake.words) if self._runtime.voice else [],
            "hearing": self._hearing(),
            "false_wakes_today": self._runtime.store.false_wakes(self._runtime.clock.now() - timedelta(days=1)),
            "knowledge_revision": self._runtime.conversation.knowledge().revision,
        }


def _hidden_row(device: Hidden) -> dict[str, Any]:
    domain = device.device_id.partition(".")[0]
    row: dict[str, Any] = {"name": device.name, "aliases": [], "area": None, "domain": domain, "device_class": None}
    return {**row, "tier": "free", "state": "hidden"}
