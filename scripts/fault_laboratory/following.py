"""What people do after a turn, done in the home and said to the assistant."""

import json
from dataclasses import replace
from typing import Final, Literal

from edge.records import Act, Ask
from edge.turn import Turn
from fault_laboratory.dialogue import Dialogue, has_moved
from fault_laboratory.goals import Episode, Said
from fault_laboratory.hearing import Manner
from fault_laboratory.reactions import AGAIN, BY_HAND, Person, Reaction

FOLLOWERS_MAX: Final = 4
_QUIETER_DB: Final = 10.0
"""So much less noise there is when somebody speaks up."""

_COMPLAINTS: Final = frozenset({"wrong", "not_said", "no", "undo", "put_back"})
_SET: Final = frozenset({"brightness", "volume", "position", "temperature"})
"""What people put back beside on and off."""

_REPHRASED: Final = 0.75
"""So often a rephrase is any other sentence, and not the plainest."""


def manner_of(episode: Episode) -> Manner:
    """How the first sentence is said."""
    manner = Manner(episode.voice, is_talk=episode.has("talk"))
    if manner.is_talk:
        manner = replace(manner, reverberant=True, snr_db=20.0)
    for fault in episode.faults:
        match fault.kind:
            case "noise":
                manner = replace(manner, snr_db=fault.grade)
            case "reverberation":
                manner = replace(manner, reverberant=True, snr_db=max(10.0, fault.grade))
            case "babble":
                manner = replace(manner, babble_db=fault.grade)
            case "cut":
                manner = replace(manner, cut_ms=round(fault.grade))
            case "misheard":
                manner = replace(manner, misheard=fault.grade)
    return manner


def follow(dialogue: Dialogue) -> None:
    """What people do afterwards, until they have it, or have enough."""
    person = Person(f"person {dialogue.episode.seed}")
    reaction = person.reaction(dialogue.looks(dialogue.turns[0]), has_moved(dialogue.turns[0]), 0)
    tried, deeds = 0, 0
    while reaction is not None and len(dialogue.turns) <= FOLLOWERS_MAX and deeds <= FOLLOWERS_MAX:
        deeds += 1
        dialogue.household.pass_time(reaction.gap_s)
        if reaction.kind in BY_HAND:
            _by_hand(dialogue, reaction)
            reaction = person.after_complaint() if reaction.kind == "put_back" else None
            continue
        turn = _said_next(dialogue, reaction)
        tried += 1
        if reaction.kind in _COMPLAINTS and not dialogue.truth.is_served_by(turn) and dialogue.truth.is_for_us:
            reaction = person.after_complaint()
        elif reaction.kind in AGAIN | {"answer"}:
            reaction = person.reaction(dialogue.looks(turn), has_moved(turn), tried)
        else:
            reaction = None


def _said_next(dialogue: Dialogue, reaction: Reaction) -> Turn:
    """The follower that a reaction brings, said and noted."""
    said, text = _words_of(dialogue, reaction)
    manner = _calmer(dialogue, reaction)
    turn = dialogue.say(text, manner, reaction.interrupts_after_ms)
    is_again = reaction.kind in AGAIN | {"answer"}
    right = dialogue.truth.is_served_by(turn) if is_again else bool(said and said.goal.is_met_by(turn))
    dialogue.followers.append(
        {
            "gap_s": reaction.gap_s,
            "kind": reaction.kind,
            "text": text,
            "is_same_goal": is_again,
            "right": right if is_again or said else None,
            "turn": json.loads(turn.to_stored()),
        }
    )
    return turn


def _words_of(dialogue: Dialogue, reaction: Reaction) -> tuple[Said | None, str]:
    """The words of a reaction, and for a new goal the sentence that they are."""
    said: Said | None = None
    text = reaction.text
    match reaction.kind:
        case "repeat":
            text = dialogue.truth.text
        case "rephrase":
            text = _rephrased(dialogue)
        case "correction":
            text = reaction.pattern.format(_clear(dialogue))
        case "answer":
            text = _answer(dialogue, dialogue.turns[-1])
        case "next" | "interruption" | "talk":
            following = dialogue.chance.choice(dialogue.episode.next)
            said, text = (following if reaction.kind != "talk" else None), following.text
    return said, text


def _rephrased(dialogue: Dialogue) -> str:
    """Another sentence for the same, or what leaves no doubt."""
    texts = sorted({each.text for each in dialogue.episode.others} - {dialogue.truth.text})
    return dialogue.chance.choice(texts) if texts and dialogue.chance.random() < _REPHRASED else _clear(dialogue)


def _clear(dialogue: Dialogue) -> str:
    """Words that leave no doubt in the home as it is: what people say who have understood what went wrong."""
    said = dialogue.episode.said
    if not said.goal.is_servable:
        return said.text
    home = dialogue.household.runtime.home.picture.home_map
    devices = [home.device[target] for target in sorted(said.goal.wanted.targets) if target in home.device]
    names = [device.name.lower() for device in home.devices]
    text = said.goal.plain
    if said.name:
        device = devices[0]
        text = text.replace(said.name, device.name.lower())
        if device.area and names.count(device.name.lower()) > 1:
            text += f" in the {home.area[device.area].name}"
    return text


def _answer(dialogue: Dialogue, turn: Turn) -> str:
    """To a question of the assistant: yes, or which one."""
    decision = turn.decision
    question = decision.then if isinstance(decision, Act) else decision
    if not isinstance(question, Ask):
        return "yes"
    wanted, home = dialogue.truth.goal.wanted, dialogue.household.runtime.home.picture.home_map
    kind = (wanted.values or {}).get("media_kind")
    if kind:
        return f"the {kind}"
    areas = [home.area[area].name for target in sorted(wanted.targets) if (area := home.device[target].area)]
    return f"the one in the {areas[0]}" if areas else "the first one"


def _calmer(dialogue: Dialogue, reaction: Reaction) -> Manner:
    """How a follower is said: mostly with less noise than what went wrong, and whole."""
    first = manner_of(dialogue.episode)
    has_wake = dialogue.household.conversation.question is None
    again = dialogue.chance.random() < 0.3 and not reaction.louder
    if first.is_talk:
        return Manner(first.voice, is_talk=reaction.kind == "talk", has_wake=has_wake)
    if again:
        return replace(first, cut_ms=0, has_wake=has_wake)
    snr_db = None if first.snr_db is None else first.snr_db + _QUIETER_DB
    return Manner(first.voice, snr_db, has_wake=has_wake)


def _by_hand(dialogue: Dialogue, reaction: Reaction) -> None:
    """Somebody moves devices: back, or as it was wanted, or another one altogether."""
    home, turn = dialogue.household.runtime.home, dialogue.turns[-1]
    if reaction.kind == "put_back":
        moved = [each for done in turn.done_steps if done.outcome for each in done.outcome.moved]
        for device_id in moved:
            before = turn.context.states.get(device_id)
            if before is not None and before.value not in {"unavailable", "unknown"}:
                set_to = {key: before.attributes[key] for key in _SET & before.attributes.keys()}
                home.use_switch(device_id, before.value, by=_by(dialogue), **set_to)
        return
    states = home.states()
    switched = [each for each in sorted(states) if states[each]["state"] in {"on", "off"} and _is_switch(each)]
    wanted = sorted(dialogue.truth.goal.wanted.targets & set(switched)) if reaction.kind == "by_hand" else []
    for device_id in wanted or ([dialogue.chance.choice(switched)] if reaction.kind == "unrelated" else []):
        command = dialogue.truth.goal.wanted.command
        other = "off" if states[device_id]["state"] == "on" else "on"
        state = {"turn_on": "on", "turn_off": "off"}.get(command, other) if wanted else other
        home.use_switch(device_id, state, by=_by(dialogue))


def _by(dialogue: Dialogue) -> Literal["hand", "controller"]:
    by: tuple[Literal["hand", "controller"], ...] = ("hand", "hand", "controller")
    return dialogue.chance.choice(by)


def _is_switch(device_id: str) -> bool:
    return device_id.startswith(("light.", "switch.", "fan."))
