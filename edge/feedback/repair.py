"""Repair within a sentence: of `the kitchen, no wait, the bedroom light` what was meant is `the bedroom light`. Pure.

Between the words that are taken back and those that stand instead lies a cue. How far back the cue reaches is read from
how the new words begin: like the old ones, with a word of the same kind, or else with whatever one phrase holds.
"""

import re
from collections.abc import Sequence
from typing import Final

from edge.numerals import TENS, UNITS
from edge.text import MAX_CHARACTERS

REPAIRS_MAX: Final = 3
"""So many are mended in one sentence."""

REACH: Final = 10
"""A cue takes back no more words than this."""

_FILLER: Final = r"(?:u+h+m*|u+m+|e+r+m*|h+m+|ah+|u+gh)"
_STRONG: Final = (
    r"(?:no,?\s+(?:wait|sorry|no|rather|actually|scratch|make|i\s+mean)|wait|sorry|oops|whoops|i\s+meant?(?:\s+to\s+(?:say|ask))?"
    r"|i\s+should\s+say|make\s+(?:that|it)(?=,?\s+(?:\w+\s+)?(?:who|what|when|where|which|how|why|the|a|an|\d|[A-Z]))"
    r"|scratch\s+that|strike\s+that|never\s*mind|forget\s+(?:it|that)|or\s+rather|better\s+yet|my\s+bad|excuse\s+me"
    r"|correction|let\s+me\s+(?:rephrase|ask|say|try\s+again|start\s+over)(?:\s+that)?|should\s+say|instead(?=\s+(?:who|what|when|where|which|how|why)\b)|that\s+is\s+wrong)"
)
_WEAK: Final = (
    r"(?:or|no|oh|well|so|and|ok(?:ay)?|nope?|nah|rather|actually|instead|tell\s+me|just|please|make\s+(?:that|it)|"
    r"i\s+want\s+to\s+know|" + _FILLER + ")"
)
_ALONE: Final = (
    r"(?:(?<![\w'])no(?!\s+(?:one|longer|more|other|matter|such|less|fewer|idea|thanks|need)\b)"
    r"|(?<!would )(?<!you )(?<!I'd )(?<!I )rather(?!\s+than\b)"
    r"|actually(?=,|\s+(?:who|what|when|where|which|how|why|the|in|on|at|of|i)\b)|" + _FILLER + ")"
)
_CUE: Final = re.compile(
    rf"(?:(?<=\s)|^|[,.;]\s*|\s*[-\u2013]+\s*)(?:{_WEAK}[,.\s]+)*\b(?:{_STRONG}|{_ALONE})\b"
    rf"(?:[,.\s]+(?:{_STRONG}|{_WEAK})\b)*[,.;:\s]*",
    re.IGNORECASE,
)
_STRONG_WORD: Final = re.compile(rf"\b{_STRONG}\b", re.IGNORECASE)
_ONLY_FILLER: Final = re.compile(rf"[\s,.]*(?:{_FILLER}[\s,.]*)+", re.IGNORECASE)
_MEANS_NONE: Final = frozenset({
    "is", "are", "was", "were", "be", "been", "there", "has", "have", "had", "having", "with", "by", "why",
    "say", "said", "says", "made", "make", "makes", "in", "of", "to", "under", "for", "if", "and", "that",
    "did", "does", "do", "than", "almost", "takes", "take", "the", "a", "an", "so", "very", "am", "i'm", "im",
    "me", "play", "add", "want", "wants", "need", "needs", "tell", "please", "can", "can't", "cannot", "must",
    "don't", "dont", "called", "song",
})  # fmt: skip
"""After these a lone `no`, `wait` or `sorry` takes nothing back: `there is no ...`, `say sorry to ...`."""

_WORD: Final = re.compile(r"[\w'\u2019%\u00b0-]+(?:\.\w+)*")
_KINDS: Final[Sequence[frozenset[str]]] = tuple(
    frozenset(words.split())
    for words in (
        "who what when where which how why whose whom what's who's",
        "the a an this that these those my our your his her its their all every",
        "on off up down open closed",
        "in at of for to from by with about into under over during after before between",
        "is are was were do does did can could would will has have had should",
        "turn switch set dim open close lock unlock start stop play pause put make raise lower",
        "today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday",
        "left right",
    )
)
_QUESTION, _HELPING = 0, 4
"""Places of question words and helping verbs among the kinds."""

_ENDINGS: Final = ("ed", "ing", "ly", "tion")
_LONE: Final = frozenset({"no", "wait", "sorry"})
_LINKS: Final = frozenset().union(*_KINDS) | {"and", "or", "not", "be", "been", "it", "they"}


def repaired(text: str) -> str:
    """The sentence without what was taken back in it; without a repair, or too long to be one, as it is."""
    if len(text) > MAX_CHARACTERS:
        return text
    for _ in range(REPAIRS_MAX):
        mended = _mended(text)
        if mended == text:
            break
        text = mended
    return text


def _mended(text: str) -> str:
    """With the first of its repairs made."""
    for cue in _CUE.finditer(text):
        before, after = text[: cue.start()], text[cue.end() :]
        first, second = list(_WORD.finditer(before)), _words(after)
        if not first or not second or not _takes_back(cue[0], first[-1][0], second):
            continue
        at = _taken_from([word[0] for word in first], second)
        if _ONLY_FILLER.fullmatch(cue[0]) and first[-1][0].casefold() in _LINKS and at > len(first) - 2:
            return f"{before.rstrip(' ,')} {after}"  # "the um kitchen light": only a pause
        return f"{before[: first[at].start()].rstrip(' ,')} {after}".strip()
    return text


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _takes_back(cue: str, last: str, after: Sequence[str]) -> bool:
    """Whether these words are a cue here and not what they say: `is there no milk`, `say sorry to her`."""
    alone = "," not in cue and len(_words(cue)) == 1 and cue.strip(" .;:").casefold() in _LONE
    return not alone or last.casefold() not in _MEANS_NONE or _kind(after[0]) == _QUESTION


def _taken_from(before: Sequence[str], after: Sequence[str]) -> int:
    """The word from which on everything before the cue is taken back."""
    size, nearest = len(before), max(0, len(before) - REACH)
    old, new = [word.casefold() for word in before], [word.casefold() for word in after]
    back = range(size - 1, nearest - 1, -1)
    kind = _kind(new[0])
    if kind == _QUESTION:
        return _question_from(old, new)
    for at in back:
        if old[at] == new[0]:
            return at
    if kind > _QUESTION and (same := [at for at in back if _kind(old[at]) == kind]):
        return same[0]
    for ahead in range(1, min(3, len(new))):
        for at in back:
            if old[at] == new[ahead] and at >= ahead and size - at <= 3:
                return at - ahead
    if any(old[-1].endswith(ending) and new[0].endswith(ending) for ending in _ENDINGS):
        return size - 1
    return _phrase(before)


def _question_from(old: Sequence[str], new: Sequence[str]) -> int:
    """A question asked anew takes all of the old one back; a single question word only that one."""
    asked = [at for at, word in enumerate(old) if _kind(word) == _QUESTION]
    is_whole = len(new) < 2 or _kind(new[1]) == _HELPING or not asked
    at = 0 if not asked else asked[0] if is_whole else asked[-1]
    return 0 if at <= 2 else at


def _phrase(before: Sequence[str]) -> int:
    """Where the last phrase begins: at the last word, or at the first of the names that stand in a row there."""
    at = len(before) - 1
    while at > 1 and before[at][:1].isupper() and before[at - 1][:1].isupper():
        at -= 1
    return at


def _kind(word: str) -> int:
    """Words of one kind stand for each other; below 0: of no kind."""
    small = word.casefold()
    if small in UNITS or small in TENS or small[:1].isdigit():
        return len(_KINDS)
    return next((at for at, words in enumerate(_KINDS) if small in words), -1)
