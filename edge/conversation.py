"""The live core: one conversation with one home. Utterances go in one at a time, finished Turns come out.

It gathers the context of each turn, runs the pipeline, keeps the open question and hands every turn to the store.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from edge.clock import Clock
from edge.commands import OWN
from edge.errors import StageFailed
from edge.knowledge import DeviceState, HomeMap, Knowledge, Skill
from edge.pipeline import Stages, run_turn
from edge.records import Utterance
from edge.text import whole
from edge.turn import Context, Happening, OpenQuestion, Recent, Turn

log = logging.getLogger(__name__)

RECENT_MAX = 4
RECENT_FOR = timedelta(minutes=5)
"""What was spoken of longer ago is not "it" any more."""

REPLY_FOR = timedelta(minutes=1)
HAPPENINGS_FOR = timedelta(hours=1)

UNSAVED_TURNS_MAX = 1_000
"""Turns kept in memory while the disk is full; older ones are given up first."""


class Surroundings(Protocol):
    """What the conversation reads of the home."""

    @property
    def home_map(self) -> HomeMap: ...

    @property
    def online(self) -> bool: ...

    def states(self) -> Mapping[str, DeviceState]: ...


class Memory(Protocol):
    """What the conversation asks of the store."""

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
        self._reply = ""
        self._replied_at: datetime | None = None

    def note(self, turn: Turn, now: datetime) -> None:
        """The turn that just ended."""
        reply = turn.response.text if turn.response else ""
        if reply:
            self._reply, self._replied_at = reply, now
        for done in turn.done_steps:
            if done.outcome is not None and not done.outcome.refused and done.step.action.command not in OWN:
                self._recent.appendleft(Recent(now, done.step.interpretation, done.step.action, reply))

    def happened(self, what: Literal["alarm", "timer", "arrived"], now: datetime) -> None:
        """Something that tells what people are about."""
        self._happenings.appendleft(Happening(what, now))

    def added_to(self, context: Context) -> Context:
        """The circumstances with what is still fresh of it."""
        now, replied_at = context.now, self._replied_at
        return replace(
            context,
            last_reply=self._reply if replied_at and now - replied_at <= REPLY_FOR else "",
            recent=tuple(recent for recent in self._recent if now - recent.ended_at <= RECENT_FOR),
            happenings=tuple(each for each in self._happenings if now - each.at <= HAPPENINGS_FOR),
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
    ) -> None:
        """`skills`: those that are loaded now; another tuple makes a new revision of knowledge."""
        self._surroundings = surroundings
        self._memory = memory
        self._stages = stages
        self._clock = clock
        self._place = place
        self._new_turn_id = new_turn_id
        self._question_of = question_of
        self._skills = skills
        self._lock = threading.RLock()
        self._question: OpenQuestion | None = None
        self._knowledge = Knowledge(0)
        self._known_from: tuple[HomeMap, tuple[Skill, ...]] | None = None
        self._new_because = "the home changed"
        self._recall = Recall()
        self._unsaved: deque[Turn] = deque(maxlen=UNSAVED_TURNS_MAX)

    @property
    def question(self) -> OpenQuestion | None:
        """The question that waits for an answer, if it has not expired."""
        question = self._question
        return question if question and question.expires_at > self._clock.now() else None

    def take(self, utterance: Utterance) -> Turn:
        """Live through one turn and keep it."""
        with self._lock:
            knowledge = self.knowledge()
            utterance = self._storable(utterance, knowledge.home)
            context = self.context(utterance)
            turn = Turn.begin(self._new_turn_id(context.now), utterance, context, knowledge.revision)
            turn = run_turn(turn, knowledge, self._stages)
            self._question = self._question_of(turn, knowledge.home)
            self._recall.note(turn, self._clock.now())
            return self._kept(turn)

    def happened(self, what: Literal["alarm", "timer", "arrived"]) -> None:
        """Take note of something that tells what people are about: it weighs in the turns of the next hour."""
        with self._lock:
            self._recall.happened(what, self._clock.now())

    def forget_knowledge(self) -> None:
        """What was learned since is in force from the next turn on."""
        with self._lock:
            self._known_from, self._new_because = None, "habits were learned"

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
                question=self.question,
                follow_up=utterance.follow_up,
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
