"""Which of our classes a sentence of HWU64 or SLURP is of, and which labels of the data sets are no home command."""

import re
from collections.abc import Mapping
from typing import Final

from edge.bench.talk_data import Sentence
from edge.nlu.labels import NONE

_IOT: Final[Mapping[str, str]] = {
    "hue_lighton": "light_on",
    "hue_lightoff": "light_off",
    "hue_lightchange": "light_set",
    "coffee": "coffee",
}
_PLAYED: Final = frozenset({"music", "audiobook", "podcasts", "radio"})
_PLAYING: Final = (
    (r"resume|continue|unpause|go on|left off|again", "media_resume"),
    (r"pause|stop|hold|halt", "media_pause"),
    (r"next|skip|forward", "media_next"),
    (r"previous|back|rewind|repeat", "media_previous"),
)
_NUMBER: Final = r"percent|\d+|five|ten|fourteen|sixteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_ELSEWHERE: Final = r"in|at|for|between|zone|until|till|does|will|is the \w+|when|week|easter|convert|next|last|of"
_INDOORS: Final = r"inside|indoors|in the house|in here|in my room|in the room"

CLINC_SERVED: Final[Mapping[str, str]] = {
    "smart_home": "commands for the home",
    "change_volume": "the volume of the television",
    "play_music": "the television plays what is asked for",
    "next_song": "the television's next track",
    "time": "answered",
    "date": "answered",
    "yes": "an answer to a question of ours",
    "no": "an answer to a question of ours",
    "cancel": "understood as never mind",
}
"""Labels of CLINC150 that this home can serve, and how; every other one is talk."""

HWU64_SERVED: Final[Mapping[tuple[str, str], str]] = {
    ("iot", ""): "commands for the home",
    ("audio", ""): "the volume of the television",
    ("play", "music"): "the television plays what is asked for",
    ("play", "audiobook"): "the television plays what is asked for",
    ("play", "podcasts"): "the television plays what is asked for",
    ("play", "radio"): "the television plays what is asked for",
    ("music", "settings"): "the television's next and previous track",
    ("datetime", "query"): "time and date are answered",
    ("general", "affirm"): "an answer to a question of ours",
    ("general", "negate"): "an answer to a question of ours",
    ("general", "commandstop"): "understood as stop or never mind",
}
"""Scenarios and intents of HWU64 (without an intent: all of the scenario) that this home can serve, and how."""


def is_talk(sentence: Sentence) -> bool:
    """Whether it is no command for this home."""
    if sentence.dataset == "clinc":
        return sentence.intent not in CLINC_SERVED
    scenario = sentence.scenario
    return (scenario, "") not in HWU64_SERVED and (scenario, sentence.intent) not in HWU64_SERVED


def is_home_command(sentence: Sentence) -> bool:
    """Whether it is of the kind that the expectation file is about."""
    return sentence.scenario in {"iot", "audio"}


def home_class(sentence: Sentence) -> str:
    """One of `edge.nlu.labels.LABELS`; `none` for what a home does not serve."""
    said, intent = sentence.plain, sentence.intent
    match sentence.scenario:
        case "iot":
            label = _of_iot(intent, said)
        case "audio":
            label = _of_volume(intent, said)
        case "play" if intent in _PLAYED:
            label = next((label for words, label in _PLAYING if _says(said, words)), "media_play")
        case "datetime" if intent == "query":
            label = _of_clock(said)
        case "general" if intent == "commandstop":
            label = "nevermind"
        case "weather" if _says(said, _INDOORS):
            label = "get_temperature"
        case _:
            label = NONE
    return label


def _says(said: str, words: str) -> bool:
    return re.search(rf"\b(?:{words})\b", said) is not None


def _of_iot(intent: str, said: str) -> str:
    match intent:
        case "hue_lightup":
            return "too_dark" if _says(said, "too dark|is dark") else "light_up"
        case "hue_lightdim":
            return "too_bright" if _says(said, "too bright") else "light_down"
        case "cleaning":
            if _says(said, "dock|go home|go back|base"):
                return "dock"
            return "device_off" if _says(said, "off|stop") else "clean"
        case "wemo_on" | "wemo_off":
            return "lock" if _says(said, "lock") else f"device_{intent.removeprefix('wemo_')}"
    return _IOT[intent]


def _of_volume(intent: str, said: str) -> str:
    if _says(said, "unmute|un mute|sound on|audio on"):
        return "unmute"
    if intent == "volume_mute" or _says(said, "mute"):
        return "mute"
    if _says(said, _NUMBER) and _says(said, "to|at|set|change") and not _says(said, "by"):
        return "volume_set"
    return intent


def _of_clock(said: str) -> str:
    """The time here and now, and today's date; other places and days are questions of fact."""
    bare = re.sub(r"\bwhat is the (?:time|date)\b", "", said)
    if _says(bare, _ELSEWHERE):
        return NONE
    if _says(said, "time|clock|late"):
        return "get_time"
    return "get_date" if _says(said, "day|date|todays|today's") else NONE
