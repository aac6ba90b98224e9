"""The live core: one conversation with one home. Utterances go in one at a time, finished Turns come out.

It gathers the context of each turn, runs the pipeline, keeps the open question and hands every turn to the store.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from edge.clock import Clock
from edge.errors import StageFailed
from edge.knowledge import DeviceState, HomeMap, Knowledge
from edge.pipeline import Stages, run_turn
from edge.records import Utterance
from edge.text import whole
from edge.turn import Context, OpenQuestion, Turn

log = logging.getLogger(__name__)

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

    def knowledge_for(self, home_map: HomeMap, reason: str) -> Knowledge: ...


@dataclass(frozen=True)
class Place:
    """Where the assistant stands, and with what."""

    room: str | None = None
    screen: bool = False


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
    ) -> None:
        self._surroundings = surroundings
        self._memory = memory
        self._stages = stages
        self._clock = clock
        self._place = place
        self._new_turn_id = new_turn_id
        self._question_of = question_of
        self._lock = threading.RLock()
        self._question: OpenQuestion | None = None
        self._knowledge = Knowledge(0)
        self._known_home: HomeMap | None = None
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
            return self._kept(turn)

    def context(self, utterance: Utterance) -> Context:
        """The circumstances right now."""
        return Context(
            now=self._clock.now(),
            room=utterance.room,
            speaker=utterance.speaker,
            screen=self._place.screen,
            online=self._surroundings.online,
            states=self._surroundings.states(),
            question=self.question,
        )

    def knowledge(self) -> Knowledge:
        """What is known now; a home that changed makes a new revision."""
        home_map = self._surroundings.home_map
        if self._known_home is not home_map:
            self._knowledge = self._memory.knowledge_for(home_map, "the home changed")
            self._known_home = home_map
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
