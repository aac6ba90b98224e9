"""The only builder: here the parts are made, joined, and let go of."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.action.actor import HomeActor
from edge.agenda.actor import AgendaActor
from edge.agenda.agenda import Agenda
from edge.agenda.clockwork import Clockwork
from edge.asr.trial import TypedRecogniser
from edge.clock import Clock
from edge.context.circumstances import Circumstances
from edge.conversation import Conversation, Place
from edge.dialogue.decision import Dialogue
from edge.dialogue.pins import PinCheck
from edge.dialogue.questions import question_of
from edge.errors import ConfigError
from edge.live_home import LiveHome, open_home, plain_state
from edge.nlu.classifier import Classifier
from edge.nlu.grammar import GrammarUnderstanding
from edge.nlu.model_rung import SURE_ENOUGH, ModelRung
from edge.nlu.sayable import Vocabulary
from edge.nlu.skills import SkillUnderstanding
from edge.nlu.understanding import Understanding
from edge.nlu.vocabulary import taught
from edge.paths import data_dir, private_directory, shipped
from edge.pipeline import Stages
from edge.resolution.resolver import Resolver
from edge.rewriting.as_heard import AsHeard
from edge.settings import Settings
from edge.skills.actor import SkillActor
from edge.skills.folder import SkillFolder
from edge.skills.own import OwnActor
from edge.speech.wording import Wording
from edge.store import Store, new_entry_id, new_turn_id
from edge.voice import Voice
from edge.voice_models import load_voice

log = logging.getLogger(__name__)

NIGHT_SHIFT_HOUR = 3


@dataclass(frozen=True)
class Runtime:
    """One assistant, assembled."""

    settings: Settings
    clock: Clock
    home: LiveHome
    store: Store
    stages: Stages
    conversation: Conversation
    understanding: Understanding
    skills: SkillFolder
    clockwork: Clockwork
    """Once it was started, what is due begins turns by itself."""
    voice: Voice | None = None

    def describe_devices(self) -> dict[str, dict[str, Any]]:
        """Every device by device_id: name, area, kind, tier and state."""
        states = self.home.picture.states()
        areas = self.home.picture.home_map.area
        return {
            device.device_id: {
                "name": device.name,
                "aliases": list(device.aliases),
                "area": areas[device.area].name if device.area and device.area in areas else None,
                "domain": device.domain,
                "device_class": device.device_class,
                "tier": device.tier,
                **(plain_state(states[device.device_id]) if device.device_id in states else {"state": "unknown"}),
            }
            for device in self.home.picture.home_map.devices
        }

    def night_shift(self) -> tuple[str, ...]:
        """The jobs that want a quiet hour; returns the names of those that ran. What they learned is in force then."""
        jobs = self.store.tidy()
        self.conversation.forget_knowledge()
        return jobs

    def close(self) -> None:
        """Stop hearing, leave the home, write what is still to be written. Safe to call twice."""
        self.clockwork.stop()
        if self.voice:
            self.voice.close()
        self.home.close()
        self.store.close()


def build_runtime(
    settings: Settings,
    *,
    clock: Clock,
    home_file: Path | None = None,
    in_process: bool = False,
    store: str | Path | None = None,
    voice: bool = False,
    patient: bool = False,
    skills: Sequence[Path] = (),
    classifier: Classifier | None = None,
    sure_enough: float = SURE_ENOUGH,
) -> Runtime:
    """Join the parts. Raises `EdgeError`s that say what to do; what was opened before is closed again.

    `skills`: skill files, or folders of them, beside the folder of the settings.
    `patient`: a broker that is away is waited for in the background, as a service at boot must.
    `classifier`, `sure_enough`: another model of understanding than the shipped one, another threshold of it.
    """
    memory = _open_store(settings, clock, store)
    try:
        home = open_home(settings, clock, file=home_file, in_process=in_process, patient=patient)
    except BaseException:
        memory.close()
        raise
    try:
        rung = classifier or Classifier.load(shipped("models") / "nlu"), sure_enough
        return _joined(settings, clock, memory, home, SkillFolder(settings.skills.folder, skills), voice, rung)
    except BaseException:
        home.close()
        memory.close()
        raise


def _joined(
    settings: Settings,
    clock: Clock,
    memory: Store,
    home: LiveHome,
    skills: SkillFolder,
    voice: bool,
    rung: tuple[Classifier, float],
) -> Runtime:
    _check_room(settings, home)
    classifier, sure_enough = rung
    skilled = SkillUnderstanding(classifier, settings.wake.words)
    skilled.prepare(skills.skills())
    understanding = Understanding(
        GrammarUnderstanding(settings.wake.words), ModelRung(classifier, sure_enough), skilled
    )
    ears = load_voice(settings, Vocabulary(taught(shipped("models") / "nlu")).sayable) if voice else None
    recogniser = ears.recogniser if ears else TypedRecogniser()
    hands = HomeActor(home.picture, clock, settings.home.confirm_timeout_ms, memory.pins)
    agenda = Agenda(memory.agenda, clock.zone)
    stages = Stages(
        asr=recogniser,
        pins=PinCheck(memory.pins),
        rewriting=AsHeard(),
        nlu=understanding,
        circumstances=Circumstances(),
        resolution=Resolver(),
        decision=Dialogue(),
        scorer=recogniser,
        home_actor=hands,
        skill_actor=SkillActor(hands, hands),
        own_actor=OwnActor(),
        agenda_actor=AgendaActor(agenda, memory.agenda, new_entry_id),
        speech=Wording(settings.wake.words),
    )
    conversation = Conversation(
        surroundings=home.picture,
        memory=memory,
        stages=stages,
        clock=clock,
        place=Place(settings.assistant.room, settings.assistant.screen),
        new_turn_id=new_turn_id,
        question_of=question_of,
        skills=skills.skills,
        agenda=lambda: agenda.entries,
    )
    clockwork = Clockwork(agenda, clock, conversation)
    conversation.on_turn(clockwork.heard)
    runtime = Runtime(settings, clock, home, memory, stages, conversation, understanding, skills, clockwork, ears)
    home.picture.on_change(memory.add_history)
    _schedule_night_shift(runtime)
    return runtime


def _open_store(settings: Settings, clock: Clock, store: str | Path | None) -> Store:
    path = store or settings.store.path or private_directory(data_dir()) / "edge.db"
    kept = settings.store
    return Store.open(path, clock, history_days=kept.history_days, keep_audio=kept.keep_audio)


def _check_room(settings: Settings, home: LiveHome) -> None:
    """A room that the home does not have is a mistake worth naming at once; an empty home may still fill."""
    room, areas = settings.assistant.room, home.picture.home_map.areas
    if room and areas and home.picture.home_map.area_called(room) is None:
        known = ", ".join(sorted(area.name for area in areas))
        raise ConfigError(f"The home has no room called {room!r}. It has: {known}. Change assistant.room.")


def _schedule_night_shift(runtime: Runtime) -> None:
    now = runtime.clock.now()
    due = now.replace(hour=NIGHT_SHIFT_HOUR, minute=0, second=0, microsecond=0)
    if due <= now:
        due += timedelta(days=1)

    def shift() -> None:
        if runtime.store.is_closed:  # the clock may outlive the assistant
            return
        runtime.night_shift()
        _schedule_night_shift(runtime)

    runtime.clock.call_later((due - now).total_seconds(), shift)
