"""The golden home, and a way to talk in it: real stages from text to reply, over devices that obey or stay silent."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from edge.asr.trial import TypedRecogniser
from edge.commands import UNCONFIRMABLE
from edge.context.circumstances import Circumstances
from edge.conversation import Recall
from edge.dialogue.decision import Dialogue
from edge.dialogue.pins import PinCheck
from edge.dialogue.questions import question_of
from edge.knowledge import Area, Device, DeviceState, HomeMap, Knowledge, Media
from edge.nlu.classifier import Classifier
from edge.nlu.grammar import GrammarUnderstanding
from edge.nlu.model_rung import ModelRung
from edge.nlu.understanding import Understanding
from edge.paths import shipped
from edge.pipeline import Stages, run_turn
from edge.records import Message, Outcome, Step, Utterance
from edge.resolution.resolver import Resolver
from edge.rewrites import Rewrite
from edge.rewriting.as_heard import AsHeard
from edge.rewriting.precomputed import Precomputed
from edge.risk import tier_of
from edge.skills.own import OwnActor
from edge.speech.wording import Wording
from edge.turn import Context, OpenQuestion, Turn
from tests.agendas import AgendaOfAnHour
from tests.homes import FakePins

GOLDEN = Path(__file__).parent / "golden"
SUNDAY_AFTERNOON = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)

_AFTER: Mapping[str, str] = {
    "turn_on": "on",
    "turn_off": "off",
    "open": "opening",
    "close": "closing",
    "lock": "locked",
    "unlock": "unlocked",
    "start": "cleaning",
    "return_to_base": "returning",
    "play_media": "playing",
    "play": "playing",
    "media_pause": "paused",
}


@cache
def golden_home() -> tuple[HomeMap, Mapping[str, DeviceState]]:
    """The home of `golden/home.toml` and the states its devices start in."""
    tables = tomllib.loads((GOLDEN / "home.toml").read_text(encoding="utf-8"))
    areas = tuple(
        Area(key, area.get("name", key.replace("_", " ")), tuple(area.get("aliases", ())), area.get("floor"))
        for key, area in tables.pop("area").items()
    )
    entries = [(domain, key, entry) for domain, entries in tables.items() for key, entry in entries.items()]
    devices = tuple(_device(domain, key, entry) for domain, key, entry in entries)
    states = {f"{domain}.{key}": _state(entry["start"]) for domain, key, entry in entries}
    return HomeMap(areas, devices), states


def _device(domain: str, key: str, entry: Mapping[str, Any]) -> Device:
    return Device(
        device_id=f"{domain}.{key}",
        name=entry["name"],
        domain=domain,
        device_class=entry.get("device_class"),
        area=entry["area"],
        aliases=tuple(entry.get("aliases", ())),
        capabilities=frozenset(entry.get("capabilities", ())),
        limits={name: (low, high) for name, (low, high) in entry.get("limits", {}).items()},
        options={name: tuple(values) for name, values in entry.get("options", {}).items()},
        unit=entry.get("unit"),
        tier=tier_of(domain, entry.get("device_class"), entry["name"]),
        reports=entry.get("reports", True),
        catalogue=tuple(Media(item["title"], item["kind"], item.get("by", "")) for item in entry.get("catalogue", ())),
    )


def _state(start: Mapping[str, Any]) -> DeviceState:
    return DeviceState(start["state"], {key: value for key, value in start.items() if key != "state"})


class FakeHome:
    """A home actor without a home: devices obey at once, or never answer; it keeps what was sent."""

    def __init__(self, states: dict[str, DeviceState], silent: Collection[str] = ()) -> None:
        self.states = states
        self.silent = frozenset(silent)
        self.moved: list[Step] = []

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        devices = [knowledge.home.device[target] for target in step.action.targets]
        if not context.online:
            return Outcome(refused="offline")
        if any(device.tier == "guarded" for device in devices) and step.confirmed_by is None:
            return Outcome(refused="guarded")
        self.moved.append(step)
        sent = tuple(Message(f"home/{device.device_id}/set", step.action.command) for device in devices)
        silent = tuple(device.device_id for device in devices if device.device_id in self.silent)
        for device in devices:
            if device.device_id not in silent and device.reports:
                self._obey(device.device_id, step)
        if step.action.command in UNCONFIRMABLE or not all(device.reports for device in devices):
            return Outcome(sent, moved=step.action.targets)
        return Outcome(sent, confirmed=not silent, silent=silent, moved=step.action.targets)

    def _obey(self, device_id: str, step: Step) -> None:
        before = self.states[device_id]
        value = _AFTER.get(step.action.command_for(device_id), before.value)
        self.states[device_id] = DeviceState(value, {**before.attributes, **step.action.values_for(device_id)})


CIRCUMSTANCES = Circumstances()
UNDERSTANDING = Understanding(GrammarUnderstanding(), ModelRung(Classifier.load(shipped("models") / "nlu")))
"""Templates and model, as they ship; loaded once."""
RESOLVER = Resolver()


@dataclass
class Talk:
    """One conversation, turn after turn, with the question that is open in between."""

    home: HomeMap
    actor: FakeHome
    room: str | None = None
    online: bool = True
    now: datetime = SUNDAY_AFTERNOON
    question: OpenQuestion | None = None
    turns: list[Turn] = field(default_factory=list)
    recall: Recall = field(default_factory=Recall)
    pins: FakePins = field(default_factory=FakePins)
    attended: bool = True
    agenda: AgendaOfAnHour = field(default_factory=AgendaOfAnHour)
    rules: tuple[Rewrite, ...] = ()
    rewriting: AsHeard = field(default_factory=lambda: Precomputed(held_out=0.0))

    @classmethod
    def at_golden_home(cls, room: str | None = None, silent: Collection[str] = (), online: bool = True) -> "Talk":
        home, states = golden_home()
        return cls(home, FakeHome(dict(states), silent), room, online)

    def say(self, text: str, alternatives: tuple[str, ...] = (), after_s: float = 1.0) -> Turn:
        """One typed turn through the pipeline."""
        return self.hear(Utterance("text", self.room, typed=text, typed_alternatives=alternatives), after_s)

    def hear(self, utterance: Utterance, after_s: float = 1.0) -> Turn:
        """One turn through the pipeline."""
        self.now += timedelta(seconds=after_s)
        question = self.question if self.question and self.question.expires_at > self.now else None
        context = self.recall.added_to(
            Context(
                self.now,
                self.room,
                utterance.speaker,
                online=self.online,
                states=dict(self.actor.states),
                question=question,
            )
        )
        context = replace(context, attended=self.attended, pin_is_set=self.pins.is_set)
        context = replace(context, agenda=self.agenda.agenda.entries)
        turn = Turn.begin(f"turn-{len(self.turns) + 1}", utterance, context, 1)
        turn = run_turn(turn, self.knowledge, self.stages())
        self.question = question_of(turn, self.home)
        self.recall.note(turn, self.now)
        self.turns.append(turn)
        return turn

    @property
    def knowledge(self) -> Knowledge:
        return Knowledge(1, self.home, rewrites=self.rules)

    def stages(self) -> Stages:
        """The real stages, with typed ears and a fake home."""
        return Stages(
            asr=TypedRecogniser(),
            pins=PinCheck(self.pins),
            rewriting=self.rewriting,
            nlu=UNDERSTANDING,
            circumstances=CIRCUMSTANCES,
            resolution=RESOLVER,
            decision=Dialogue(),
            scorer=TypedRecogniser(),
            home_actor=self.actor,
            skill_actor=self.actor,
            own_actor=OwnActor(),
            agenda_actor=self.agenda.actor,
            speech=Wording(),
        )


def with_devices(home: HomeMap, *devices: Device) -> HomeMap:
    """The home with more devices."""
    return replace(home, devices=(*home.devices, *devices))
