"""One dialogue after the other: lived through, labelled by replay, and made a line of the data set."""

import json
import random
from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter

from edge.knowledge import Change
from edge.signals import FailurePoint
from fault_laboratory.dialogue import Dialogue
from fault_laboratory.following import follow, manner_of
from fault_laboratory.goals import Episode, action_of
from fault_laboratory.hearing import Hearing
from fault_laboratory.homes import Homes, Household
from fault_laboratory.labelling import Truth, failure_point, meaning_of
from fault_laboratory.sentences import rehearsed

SETTLES_S: Final = 90.0
"""So long after its last turn a dialogue is looked at."""

_SILENCE: Final = 0.15
"""So often what woke it is followed by nothing."""

_CHANGES: Final = TypeAdapter(tuple[Change, ...])


class Laboratory:
    """Lives through episodes."""

    def __init__(self, homes: Homes, typed: Hearing, spoken: Hearing | None = None) -> None:
        """`spoken` hears the episodes that have a voice."""
        self._homes = homes
        self._typed = typed
        self._spoken = spoken

    def live(self, episode: Episode) -> dict[str, Any]:
        """The line of one episode, ready for `json.dumps`."""
        hearing = self._spoken if episode.voice and self._spoken else self._typed
        variant = next((kind for kind in ("renamed", "moved") if episode.has(kind)), "")
        truth = self._truth(episode)
        with self._homes.household(episode.said, hearing, variant, str(episode.number)) as household:
            for device_id in episode.said.goal.wanted.targets if episode.has("dead") else ():
                _kill(household, device_id)
            dialogue = Dialogue(episode, household, hearing, truth, random.Random(f"dialogue {episode.seed}"), [], [])
            turn = dialogue.say(truth.text, manner_of(episode))
            point = failure_point(turn, truth, household.conversation.knowledge(), household.runtime.stages)
            follow(dialogue)
            household.pass_time(SETTLES_S)
            return _line(dialogue, point, variant)

    def _truth(self, episode: Episode) -> Truth:
        said, chance = episode.said, random.Random(f"truth {episode.seed}")
        if episode.has("talk"):
            return Truth("" if chance.random() < _SILENCE else said.text, replace(said.goal, plain=""), (), False)
        if not said.goal.is_servable:
            return Truth(said.text, said.goal)
        meaning = meaning_of(rehearsed(replace(said, text=said.goal.plain), self._homes))
        return Truth(said.text, said.goal, meaning, is_other_version=episode.has("version"), amount=episode.amount)


def _kill(household: Household, device_id: str) -> None:
    home = household.runtime.home.simulated
    assert home is not None, "every home of the laboratory is simulated"
    home.kill(device_id)


def _line(dialogue: Dialogue, point: FailurePoint, variant: str) -> dict[str, Any]:
    episode, truth = dialogue.episode, dialogue.truth
    rights = [number for number, each in enumerate(dialogue.followers) if each["is_same_goal"] and each["right"]]
    first = truth.meaning[0] if truth.meaning else None
    noise, room = dialogue.hearing.surroundings(dialogue.turns[0].utterance)
    return {
        "episode": episode.number,
        "seed": episode.seed,
        "split": episode.split,
        "part": episode.part,
        "home": episode.said.home,
        "variant": variant,
        "voice": episode.voice,
        "noise": noise,
        "room": room,
        "origin": episode.said.origin,
        "faults": [{"kind": fault.kind, "grade": fault.grade} for fault in episode.faults],
        "turn": json.loads(dialogue.turns[0].to_stored()),
        "followers": dialogue.followers,
        "changes": json.loads(_CHANGES.dump_json(tuple(reversed(dialogue.household.changes())))),
        "truth": {
            "point": point,
            "text": truth.text,
            "goal": {
                "intent": first.intent if first else "",
                "slots": dict(first.slots) if first else {},
                **(
                    action_of((truth.amount or truth.goal).wanted)
                    if truth.goal.is_servable
                    else {"command": "", "targets": [], "values": {}}
                ),
            },
            "served_by": rights[0] if rights else None,
            "is_for_us": truth.is_for_us,
        },
    }
