"""The only builder: here the parts are made, joined, and let go of."""

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from edge.dialogue.exploring import Budget
from edge.dialogue.pins import PinCheck
from edge.dialogue.questions import question_of
from edge.errors import ConfigError, StageFailed, StoreError
from edge.feedback.curiosity import Curiosity
from edge.feedback.reading import read_signals
from edge.feedback.rephrasing import Similarity
from edge.home_names import HomeNames, vocabulary
from edge.isolation.explaining import Explainer
from edge.learning.corrections import Corrections
from edge.learning.learning import Learning
from edge.learning.report import LearnReport
from edge.live_home import LiveHome, open_home, plain_state
from edge.lived import PAUSE_S
from edge.looking_back import LookingBack, load_isolation, load_labelling
from edge.nlu.classifier import Classifier, Remembering
from edge.nlu.grammar import GrammarUnderstanding
from edge.nlu.model_rung import SURE_ENOUGH, ModelRung
from edge.nlu.skills import SkillUnderstanding
from edge.nlu.understanding import Understanding
from edge.paths import data_dir, private_directory, shipped
from edge.pipeline import Stages
from edge.resolution.resolver import Resolver
from edge.rewriting.as_heard import AsHeard
from edge.rewriting.precomputed import Precomputed
from edge.settings import Settings
from edge.skills.actor import SkillActor
from edge.skills.folder import SkillFolder
from edge.skills.own import OwnActor
from edge.speech.wording import Wording
from edge.store import Store, new_entry_id, new_turn_id
from edge.turn import Turn
from edge.voice import Voice
from edge.voice_models import load_voice

log = logging.getLogger(__name__)

NIGHT_SHIFT_HOUR = 3

CORRECTED_WITHIN = timedelta(hours=1)

REMEMBERED = 3
"""So many turns are called to mind at a start: the last ones may have asked for a reason themselves."""

SIGNALS_LOOK_BACK = timedelta(days=30)
"""So far back it is known how often each person interrupts, repeats, says no."""


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
    looking_back: LookingBack
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
        jobs = self.store.tidy() + self._read_signals() + self._diagnose() + self._learn_rules()
        self.conversation.forget_knowledge()
        return jobs

    def learn(self, *, dry: bool = False) -> LearnReport:
        """Make rules of what was said again until now; `dry`: publish none. Raises StageFailed, StoreError."""
        now = self.clock.now()
        learn_signals(self.store, now, self.looking_back.similarity)
        self.looking_back.keep(now - SIGNALS_LOOK_BACK, now)
        return self._learned(dry=dry)

    def learn_correction(self) -> None:
        """Learn from what was put right in words not long ago: nobody wants to say it twice in a day."""
        if self.store.is_closed:  # the clock may outlive the assistant
            return
        now = self.clock.now()
        try:
            learn_signals(self.store, now, self.looking_back.similarity)
            self.looking_back.keep(now - CORRECTED_WITHIN, now)
            self._learned()
        except (StageFailed, StoreError) as error:
            log.warning("what was put right will be learned at night: %s", error)

    def _learned(self, *, dry: bool = False) -> LearnReport:
        self.conversation.knowledge()  # what is to be learned for: the home as it is now
        report = Learning(self.store, self.stages).run(self.clock.now(), dry=dry)
        self.conversation.forget_knowledge()
        return report

    def _learn_rules(self) -> tuple[str, ...]:
        """What is meant where something was heard that failed before."""
        if not self.settings.learning.rewrites:
            return ()
        try:
            self._learned()
        except (StageFailed, StoreError) as error:
            log.warning("the job learn rules did not work: %s", error)
            return ()
        return ("learn rules",)

    def _read_signals(self) -> tuple[str, ...]:
        """What neighbouring turns and the home tell of turns of which nothing was known yet."""
        try:
            learn_signals(self.store, self.clock.now(), self.looking_back.similarity)
        except (StageFailed, StoreError) as error:
            log.warning("the job read signals did not work: %s", error)
            return ()
        return ("read signals",)

    def _diagnose(self) -> tuple[str, ...]:
        """Where the last weeks' turns went wrong, by all that is known of them by now."""
        now = self.clock.now()
        try:
            self.looking_back.keep(now - SIGNALS_LOOK_BACK, now)
        except (StageFailed, StoreError) as error:
            log.warning("the job find failure points did not work: %s", error)
            return ()
        return ("find failure points", "make labels")

    def close(self) -> None:
        """Stop hearing, leave the home, write what is still to be written. Safe to call twice."""
        self.clockwork.stop()
        if self.voice:
            self.voice.close()
        self.home.close()
        self.store.close()


def learn_signals(store: Store, now: datetime, similarity: Similarity | None = None) -> int:
    """Keep the signals of the last weeks' turns that have none yet, and tell how many. Raises StageFailed, StoreError.

    Of turns so young that an answer to them may still come the next night tells more, and so they wait for it.
    """
    first, settled = now - SIGNALS_LOOK_BACK, now - timedelta(seconds=PAUSE_S)
    known, told = store.signals.known(first), set[str]()

    def turns() -> Iterator[Turn]:
        for turn in store.turns_since(first):
            if turn.started_at <= settled and turn.turn_id not in known:
                told.add(turn.turn_id)
            yield turn

    changes = store.changes_since(first - timedelta(days=1))  # a day more, for how things stood before
    found = read_signals(turns(), changes, now, similarity)
    return store.signals.add(signal for signal in found if signal.turn_id in told)


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
    ears = load_voice(settings, vocabulary().sayable) if voice else None
    recogniser = ears.recogniser if ears else TypedRecogniser()
    hands = HomeActor(home.picture, clock, settings.home.confirm_timeout_ms, memory.pins)
    agenda = Agenda(memory.agenda, clock.zone)
    remembering = Remembering(classifier)
    isolation = load_isolation(remembering)
    curiosity = _curiosity(settings, clock, memory)
    budget = _budget(settings, clock, memory)
    names = HomeNames(memory)
    explainer = Explainer(isolation, OwnActor(), memory.knowledge, names.of)
    stages = Stages(
        asr=recogniser,
        pins=PinCheck(memory.pins),
        rewriting=Precomputed() if settings.learning.rewrites else AsHeard(),
        nlu=understanding,
        circumstances=Circumstances(),
        resolution=Resolver(),
        decision=Dialogue(),
        scorer=recogniser,
        home_actor=hands,
        skill_actor=SkillActor(hands, hands),
        own_actor=explainer,
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
        may_ask=curiosity.allows,
        draw=budget.draw,
    )
    conversation.on_turn(curiosity.heard)
    conversation.on_turn(budget.heard)
    clockwork = Clockwork(agenda, clock, conversation)
    conversation.on_turn(clockwork.heard)
    conversation.on_turn(explainer.heard)
    _remind(explainer, memory)
    back = LookingBack(memory, isolation, load_labelling(remembering), names, remembering.similarity)
    runtime = Runtime(settings, clock, home, memory, stages, conversation, understanding, skills, back, clockwork, ears)
    home.picture.on_change(memory.add_history)
    _schedule_night_shift(runtime)
    if settings.learning.rewrites:
        conversation.on_turn(Corrections(clock, runtime.learn_correction).heard)
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


def _curiosity(settings: Settings, clock: Clock, memory: Store) -> Curiosity:
    """With what was asked today already."""
    curiosity = Curiosity(settings.feedback.questions_per_day)
    try:
        for turn in memory.turns_since(clock.now().replace(hour=0, minute=0, second=0, microsecond=0)):
            curiosity.heard(turn)
    except StoreError as error:
        log.warning("what was asked today cannot be read: %s", error)
    return curiosity


def _budget(settings: Settings, clock: Clock, memory: Store) -> Budget:
    """With what was tried today already; where that cannot be read, nothing is tried."""
    budget = Budget(settings.learning.explore_per_day, random.random)
    try:
        for turn in memory.turns_since(clock.now().replace(hour=0, minute=0, second=0, microsecond=0)):
            budget.heard(turn)
    except StoreError as error:
        log.warning("what was tried today cannot be read, so nothing is: %s", error)
        return Budget(0, random.random)
    return budget


def _remind(explainer: Explainer, memory: Store) -> None:
    """Of the last turns before this start: "why did you do that?" may be the first thing that is said."""
    try:
        for row in reversed(memory.turns(limit=REMEMBERED)):
            explainer.heard(memory.turn(row.turn_id))
    except StoreError as error:
        log.warning("what was said last cannot be read: %s", error)


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
