"""Evidence in words: what a feature tells about this turn, as a person would say it. Facts, never what was said."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from edge.isolation.edits import Edit
from edge.isolation.features import SIGNALS, Seen, features
from edge.isolation.rules import ruled

SENTENCES_MAX: Final = 3
LOUD: Final = 1.5
"""Nats."""
NEAR_LEAD: Final = 0.1
CLOSE_SOUND: Final = 0.62
NEAR_SOUND: Final = 1.0
"""Nats."""
UNSURE_WAKE: Final = 0.75

Saying = Callable[[Seen], str]


def in_words(seen: Seen, names: Sequence[str]) -> tuple[str, ...]:
    """A loud signal, then the strongest features: sentences without capital or full stop, at most three, each once."""
    said: dict[str, None] = {}
    for sentence in _sayings(seen, [*_loud(seen), *names]):
        if sentence:
            said.setdefault(sentence)
        if len(said) == SENTENCES_MAX:
            break
    return tuple(said) or (ruled(seen).because,)


def _loud(seen: Seen) -> list[str]:
    """Signals that are evidence by themselves, the loudest first: whatever is believed, they belong to it."""
    weights = {kind: seen.weight(kind) for kind in SIGNALS}
    loud = sorted((kind for kind in SIGNALS if abs(weights[kind]) >= LOUD), key=lambda kind: -abs(weights[kind]))
    return [f"signal_{kind}" for kind in loud[:1]]


def _sayings(seen: Seen, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        saying = next((saying for prefix, saying in _SAYINGS.items() if name.startswith(prefix)), None)
        if saying is not None:
            yield saying(seen)


def _followed(seen: Seen) -> str:
    found = seen.again
    if found is None:
        return "what was said next was about something else" if seen.edits else _alone(seen)
    return f"{_said_again(found)} {_seconds(found.gap_s)} later{_with_luck(found)}"


def _said_again(found: Edit) -> str:
    if found.undoes:
        return "you took it back"
    if found.is_same_text:
        return "you said the same again"
    if found.sound >= CLOSE_SOUND:
        return "you said what sounds nearly the same"
    if found.other_target:
        return "you asked for another device"
    return "you said it in other words"


def _with_luck(found: Edit) -> str:
    return ", and that worked" if found.worked and not found.undoes else ""


def _seconds(gap_s: float) -> str:
    whole = round(gap_s)
    return "a second" if whole <= 1 else f"{whole} seconds"


def _alone(seen: Seen) -> str:
    return "" if seen.edits else "nobody said anything to it in the minute after"


def _silent(seen: Seen) -> str:
    silent = [device_id for outcome in seen.outline.outcomes for device_id in outcome.silent]
    if silent:
        return f"the {silent[0].partition('.')[0].replace('_', ' ')} did not answer"
    told = {outcome.confirmed for outcome in seen.outline.outcomes}
    return "the device said that it obeyed" if told == {True} else ""


def _confidence(seen: Seen) -> str:
    transcript = seen.turn.transcript
    if transcript is None or not transcript.text or seen.turn.utterance.typed is not None:
        return ""
    percent = round(100 * transcript.confidence)
    return (
        f"it was heard clearly ({percent} percent)" if percent >= 80 else f"it was heard unclearly ({percent} percent)"
    )


def _second(seen: Seen) -> str:
    chosen, second = seen.outline.chosen, seen.outline.second
    if chosen is None or second is None:
        return "there was only one reading" if chosen else ""
    if chosen.score - second.score < NEAR_LEAD:
        return "the second best reading was nearly as good"
    return "the best reading was clearly better than the next"


def _free(seen: Seen) -> str:
    transcript = seen.turn.transcript
    if transcript is None or not transcript.free:
        return ""
    same = transcript.free.casefold().strip(" .") == transcript.text.casefold().strip(" .")
    return (
        "read in all words of English it was the same" if same else "read in all words of English it was something else"
    )


def _woken(seen: Seen) -> str:
    wake = seen.turn.utterance.wake
    return "the wake word was heard unclearly" if wake is not None and wake.score < UNSURE_WAKE else ""


def _margin(seen: Seen) -> str:
    first, *others = sorted(seen.turn.sound_scores.values(), reverse=True)
    near = bool(others) and first - others[0] < NEAR_SOUND
    return "another wording fitted the sound nearly as well" if near else ""


def _guess(seen: Seen) -> str:
    guessed = seen.outline.meant is not None and seen.outline.meant.is_guess
    return "the wording is none that is known; it was likened to those that are" if guessed else ""


def _named(seen: Seen) -> str:
    slots = seen.outline.slots
    if {"name", "names"} & slots.keys():
        exact = seen.outline.chosen is not None and seen.outline.chosen.is_exact
        return "the device was called by its name" if exact else "the name was not quite that of the device"
    return "" if {"area", "areas"} & slots.keys() or not seen.outline.targets else "no name and no room was said"


def _told_apart(seen: Seen) -> str:
    return "another device has the same name" if "named" in features(seen) else ""


def _meaning(seen: Seen) -> str:
    unknown = seen.outline.kind in {"not_understood", "not_meant"}
    return "it does not sound like anything that a home is asked for" if unknown else ""


def _fixed(sentence: str) -> Saying:
    return lambda _: sentence


_SAYINGS: Final[dict[str, Saying]] = {
    "rule:": lambda seen: ruled(seen).because,
    "next_none": _alone,
    "next_": _followed,
    "signal_put_back": _fixed("the device was set back by hand or by another controller"),
    "signal_undo": _fixed("you took it back"),
    "signal_yes": _fixed("you said yes to it"),
    "signal_thanks": _fixed("you said thanks"),
    "signal_wrong": _fixed("you said that it was wrong"),
    "signal_not_said": _fixed("you said that this is not what you had said"),
    "signal_meant_other": _fixed("you said what you had meant"),
    "signal_no": _fixed("you said no"),
    "signal_barge_in": _fixed("you cut the reply off"),
    "signal_stop": _fixed("you told it to stop"),
    "signal_cancel": _fixed("you called it off"),
    "signal_gave_up": _alone,
    "signal_re": _followed,
    "silent": _silent,
    "confirmed:": _silent,
    "refused:offline": _fixed("the home could not be reached"),
    "refused:": _fixed("the command was refused"),
    "heard_nothing": _fixed("nothing was said"),
    "wake<": _woken,
    "confidence": _confidence,
    "doubt_heard": _confidence,
    "worked_in_doubt": _confidence,
    "free_": _free,
    "sound_margin": _margin,
    "sound_a_word": _confidence,
    "has_second": _second,
    "lead": _second,
    "effects": _second,
    "second_could_act": _second,
    "guess": _guess,
    "by:model": _guess,
    "by:grammar": _fixed("it is a sentence that is known"),
    "meant<": _guess,
    "kind:not_understood": _fixed("no sentence that is known here fits"),
    "nothing_understood": _fixed("no sentence that is known here fits"),
    "kind:not_meant": _fixed("it sounded like talk that is no command"),
    "unresolved:no_device": _fixed("no device here has that name"),
    "unresolved:no_area": _fixed("no room here has that name"),
    "unresolved:nothing_there": _fixed("there is no such thing in that room"),
    "unresolved:not_supported": _fixed("that is something I cannot do"),
    "unresolved:cannot": _fixed("the device cannot do that"),
    "unresolved:out_of_range": _fixed("the value is more than the device can take"),
    "formerly": _fixed("a device here was called so, or stood there, before that was changed"),
    "called:": _fixed("something of this home was named"),
    "called_": _fixed("what was heard sounds nearly like a name of this home"),
    "odd_": _fixed("words were heard that no command here is made of"),
    "inexact": _named,
    "named": _named,
    "no_name_no_place": _named,
    "told_apart": _told_apart,
    "meaning_none": _meaning,
    "so_already": _fixed("it was so already"),
    "other_wording": _fixed("another wording than the one that was heard best was taken"),
    "acted": _fixed("something was done"),
}
"""By the beginning of the feature's name, the first that fits."""
