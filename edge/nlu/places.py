"""Places as people say and recognisers write them: "bed room", "living rooms", "downstairs" in a house with floors."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from edge.names import NameIndex, fold

_FLOORS: Final[Mapping[str, tuple[str, ...]]] = {
    "downstairs": ("ground floor", "downstairs", "first floor", "lower floor"),
    "upstairs": ("upstairs", "upper floor", "first floor", "top floor", "second floor"),
}
"""What a floor may be called where people say so, likeliest first."""


def respelled(text: str, index: NameIndex) -> str:
    """The text with the places in it spelled as this home spells them; what needs no change comes back as it is."""
    for said, joined in _split_names(text, index):
        text = text.replace(said, joined)
    for word, floors in _FLOORS.items():
        if word in text.casefold() and not index.floor(word) and not index.area(word):
            called = next((floor for floor in floors if index.floor(floor)), None)
            text = _replaced(text, word, f"on the {called}") if called else text
    return text


def _replaced(text: str, word: str, by: str) -> str:
    return " ".join(by if fold(each) == word else each for each in text.split())


def _split_names(text: str, index: NameIndex) -> list[tuple[str, str]]:
    """`bed room` and the `bedroom` that it is; `living rooms` and `living room`."""
    found = []
    for one, other in pairwise(text.split()):
        if index.area(f"{one} {other}") or index.devices(f"{one} {other}"):
            continue
        for joined in (f"{one}{other}", f"{one} {other}".removesuffix("s")):
            if fold(joined) != fold(f"{one} {other}") and index.area(joined):
                found.append((f"{one} {other}", joined))
                break
    return found
