"""The live core: one conversation with one home. Utterances go in one at a time, finished Turns come out.

It gathers the context of each turn, runs the pipeline, keeps the open question and hands every turn to the store.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from edge.clock import Clock
from edge.commands import OWN
from edge.entries import Entry
from edge.errors import EdgeError, StageFailed, StoreError
from edge.knowledge import DeviceState, HomeMap, Knowledge, Skill
from edge.pipeline import Stages, run_turn
from edge.records import Act, Transcript, Utterance
from edge.text import whole
from edge.turn import NOTHING_BY_CHANCE, Context, Happening, OpenQuestion, Recent, Turn
from edge.wall import zone_name

log = logging.getLogger(__name__)

RECENT_MAX = 4
RECENT_FOR = timedelta(minutes=5)
"""What was spoken of longer ago is not "it" any more."""

REPLY_FOR = timedelta(minutes=1)
HAPPENINGS_FOR = timedelta(hours=1)

SET_ASIDE_FOR = timedelta(days=1)
"""By then a night has passed; what was learned is in force sooner."""

UNSAVED_TURNS_MAX = 1_000
"""Turns kept in memory while the disk is full; older ones are given up first."""


UNATTENDED: Final = frozenset({"mqtt", "agenda"})
"""Sources of words behind which nobody stands who could say yes."""


class Pins(Protocol):
    """Whether guarded devices want a PIN."""

    @property
    def is_set(self) -> bool: ...


class Surroundings(Protocol):
    """What the conversation reads of the home."""

    @property
    def home_map(self) -> HomeMap: ...

    @property
    def online(self) -> bool: ...

    def states(self) -> Mapping[str, DeviceState]: ...


class Memory(Protocol):
    """What the conversation asks of the store."""

    @property
    def pins(self) -> Pins: ...

    def add_turn(self, turn: Turn) -> None: ...

    def knowledge_for(self, home_map: HomeMap, reason: str, skills: tuple[Skill, ...]) -> Knowledge: ...


@dataclass(frozen=True)
class Place:
    """Where the assistant stands, and with what."""

    room: str | None = None
    screen: bool = False


class Recall:
    """What was just spoken of, what we said last, and what has happened: the short memory of a conversation."""

    def __init__(self) -> None:
        self._recent: deque[Recent] = deque(maxlen=RECENT_MAX)
        self._happenings: deque[Happening] = deque(maxlen=RECENT_MAX)
        self._taken_back: dict[str, datetime] = {}
        self._reply = ""
        self._replied_at: datetime | None = None

    def note(self, turn: Turn, now: datetime) -> None:
        """The turn that just ended."""
        reply = turn.response.text if turn.response else ""
        if reply:
            self._reply, self._replied_at = reply, now
        if turn.takes_back:
            self._taken_back[turn.takes_back] = now
        explored = turn.decision.explored if isinstance(turn.decision, Act) else None
        instead_of = explored.instead_of.targets if explored and explored.is_second else ()
        for done in turn.done_steps:
            if done.outcome is not None and not done.outcome.refused and done.step.action.command not in OWN:
                moved = {each: turn.context.states[each] for each in done.outcome.moved if each in turn.context.states}
                step = done.step
                recent = Recent(
                    now, step.interpretation, step.action, reply, turn.turn_id, moved, instead_of, turn.rule_id
                )
                self._recent.appendleft(recent)

    def happened(self, what: Literal["alarm", "timer", "arrived"], now: datetime) -> None:
        """Something that tells what people are about."""
        self._happenings.appendleft(Happening(what, now))

    def learned(self) -> None:
        """What somebody said no to was looked at by now, and is used again only if it is still known."""
        self._taken_back.clear()

    def added_to(self, context: Context) -> Context:
        """The circumstances with what is still fresh of it."""
        now, replied_at = context.now, self._replied_at
        return replace(
            context,
            last_reply=self._reply if replied_at and now - replied_at <= REPLY_FOR else "",
            recent=tuple(recent for recent in self._recent if now - recent.ended_at <= RECENT_FOR),
            happenings=tuple(each for each in self._happenings if now - each.at <= HAPPENINGS_FOR),
            set_aside=tuple(sorted(rule for rule, at in self._taken_back.items() if now - at <= SET_ASIDE_FOR)),
        )


class Conversation:
    """Takes one utterance at a time; safe to call from any thread."""

    def __init__(
        self,
        *,
        surroundings: Surroundings,
        memory: Memory,
        stages: Stages,
        clock: Clock,
        place: Place,
        new_turn_id: Callable[[datetime], str],
        question_of: Callable[[Turn, HomeMap], OpenQuestion | None],
        skills: Callable[[], tuple[Skill, ...]] = tuple,
        agenda: Callable[[], tuple[Entry, ...]] = tuple,
        may_ask: Callable[[datetime], bool] = lambda now: False,
        draw: Callable[[datetime], float] = lambda now: NOTHING_BY_CHANCE,
    ) -> None:
        """`skills`: those that are loaded now; another tuple makes a new revision of knowledge.

        `agenda`: what is set or rings, soonest first. `may_ask`: whether it may be asked how a turn went.
        `draw`: what chance has to say in a turn.
        """
        self._surroundings = surroundings
        self._memory = memory
        self._stages = stages
        self._clock = clock
        self._place = place
        self._new_turn_id = new_turn_id
        self._question_of = question_of
        self._skills = skills
        self._agenda = agenda
        self._may_ask = may_ask
        self._draw = draw
        self._lock = threading.RLock()
        self._question: OpenQuestion | None = None
        self._knowledge = Knowledge(0)
        self._known_from: tuple[HomeMap, tuple[Skill, ...]] | None = None
        self._new_because = "the home changed"
        self._recall = Recall()
        self._unsaved: deque[Turn] = deque(maxlen=UNSAVED_TURNS_MAX)
        self._told: list[Callable[[Turn], None]] = []
        self._is_in_turn = False
        self._begin_later: deque[Callable[[], Turn]] = deque()

    @property
    def question(self) -> OpenQuestion | None:
        """The question that waits for an answer, if it has not expired."""
        question = self._question
        return question if question and question.expires_at > self._clock.now() else None

    def take(self, utterance: Utterance) -> Turn:
        """Live through one turn and keep it."""
        with self._lock:
            try:
                return self._lived(lambda: self._taken(utterance))
            finally:
                self._begin_waiting()

    def on_turn(self, told: Callable[[Turn], None]) -> None:
        """`told` gets every turn that has ended, also those that began by themselves, while the conversation waits."""
        self._told.append(told)

    @property
    def ringing(self) -> tuple[Entry, ...]:
        """What rings right now."""
        return tuple(entry for entry in self._agenda() if entry.ringing)

    def tell(self, entries: Sequence[Entry], *, missed: bool) -> None:
        """Begin a turn that nobody asked for: entries have come, or came while we were off (`missed`)."""
        self._begin_by_itself(lambda: self._announced(entries, missed))

    def say_again(self, entry: Entry) -> None:
        """Take the words of a command for later, now that its time has come."""
        said = Utterance("agenda", room=entry.room, speaker=entry.speaker, typed=entry.name)
        self._begin_by_itself(lambda: self._taken(said))

    def _begin_by_itself(self, begin: Callable[[], Turn]) -> None:
        with self._lock:
            self._begin_later.append(begin)
            self._begin_waiting()

    def _begin_waiting(self) -> None:
        """Live through what wants to begin, unless a turn is going on: one waits for a device, and time goes on."""
        while self._begin_later and not self._is_in_turn:
            self._lived(self._begin_later.popleft())

    def _lived(self, begin: Callable[[], Turn]) -> Turn:
        with self._in_turn():
            turn = begin()
            self._recall.note(turn, self._clock.now())
            turn = self._kept(turn)
        for told in self._told:
            try:
                told(turn)
            except EdgeError:
                log.exception("somebody could not be told of a turn")
        return turn

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        before, self._is_in_turn = self._is_in_turn, True
        try:
            yield
        finally:
            self._is_in_turn = before

    def _taken(self, utterance: Utterance) -> Turn:
        knowledge = self.knowledge()
        turn = run_turn(self._begun(utterance, knowledge), knowledge, self._stages)
        question = self._question_of(turn, knowledge.home)
        if question or utterance.source != "agenda":  # what nobody said answers no question
            self._question = question
        return turn

    def _announced(self, entries: Sequence[Entry], missed: bool) -> Turn:
        """Rings whatever the disk says."""
        try:
            knowledge = self.knowledge()
        except StoreError as error:
            log.warning("what is known cannot be read: %s", error)
            knowledge = self._knowledge
        if not missed:
            for what in sorted({entry.kind for entry in entries}):
                if what in {"alarm", "timer"}:
                    self._recall.happened(what, self._clock.now())
        turn = self._begun(Utterance("agenda", room=entries[0].room, typed=""), knowledge).heard(Transcript(""))
        return turn.answered(self._stages.speech.ring(entries, missed, turn.context.now))

    def _begun(self, utterance: Utterance, knowledge: Knowledge) -> Turn:
        utterance = self._storable(utterance, knowledge.home)
        context = self.context(utterance)
        return Turn.begin(self._new_turn_id(context.now), utterance, context, knowledge.revision)

    def happened(self, what: Literal["alarm", "timer", "arrived"]) -> None:
        """Take note of something that tells what people are about: it weighs in the turns of the next hour."""
        with self._lock:
            self._recall.happened(what, self._clock.now())

    def forget_knowledge(self) -> None:
        """What was learned since is in force from the next turn on."""
        with self._lock:
            self._known_from, self._new_because = None, "habits were learned"
            self._recall.learned()

    def context(self, utterance: Utterance) -> Context:
        """The circumstances right now."""
        return self._recall.added_to(
            Context(
                now=self._clock.now(),
                room=utterance.room,
                speaker=utterance.speaker,
                screen=self._place.screen,
                online=self._surroundings.online,
                states=self._surroundings.states(),
                question=None if utterance.source == "agenda" else self.question,
                may_ask=utterance.source not in UNATTENDED
                and self.question is None
                and self._may_ask(self._clock.now()),
                draw=NOTHING_BY_CHANCE if utterance.source in UNATTENDED else self._draw(self._clock.now()),
                follow_up=utterance.follow_up,
                attended=utterance.source not in UNATTENDED,
                pin_is_set=self._memory.pins.is_set,
                agenda=self._agenda(),
                zone=zone_name(self._clock.zone),
            )
        )

    def knowledge(self) -> Knowledge:
        """What is known now; a home or a skill that changed makes a new revision."""
        home_map, skills = self._surroundings.home_map, self._skills()
        known = self._known_from
        if known is None or known[0] is not home_map or known[1] is not skills:
            reason = self._new_because
            if known:
                reason = "a skill changed" if known[0] is home_map else "the home changed"
            self._knowledge = self._memory.knowledge_for(home_map, reason, skills)
            self._known_from = (home_map, skills)
        return self._knowledge

    def _storable(self, utterance: Utterance, home_map: HomeMap) -> Utterance:
        """The utterance with its room's area_id, in whole letters; an unknown room stays as it was said."""
        room = utterance.room or self._place.room
        area = home_map.area_called(room) if room else None
        return replace(
            utterance,
            room=area.area_id if area else room,
            speaker=whole(utterance.speaker),
            typed=None if utterance.typed is None else whole(utterance.typed),
            typed_alternatives=tuple(whole(text) for text in utterance.typed_alternatives),
        )

    def _kept(self, turn: Turn) -> Turn:
        """Write the turn, and those that could not be written before it."""
        self._unsaved.append(turn)
        while self._unsaved:
            try:
                self._memory.add_turn(self._unsaved[0])
            except StageFailed as failed:
                if not failed.transient:
                    self._unsaved.popleft()
                log.warning("a turn could not be stored (%d wait): %s", len(self._unsaved), failed.reason)
                return turn if turn.failure else turn.failed(failed)
            self._unsaved.popleft()
        return turn
