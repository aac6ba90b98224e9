"""What people say to correct, to add, and to agree: carriers, halved between training and test. Pure."""

import random
from typing import Final

from edge.bench.rephrase_data import Part

CORRECT_VALUE: Final = (
    "no {new}", "no i meant {new}", "i meant {new}", "i said {new}", "not {old} {new}", "no not {old} {new}",
    "make that {new}", "make it {new}", "{new} instead", "actually {new}", "sorry {new}", "no wait {new}",
    "change it to {new}", "change that to {new}", "it should be {new}", "can you make it {new}", "{new} not {old}",
    "i wanted {new}", "oh i meant {new}", "wait make it {new}", "change the {place} to {new}", "please change to {new}",
    "can you change {old} to {new}", "set it to {new} instead", "no the {place} is {new}", "that should be {new}",
    "actually make it {new}", "i need it to be {new}", "the {place} should be {new}", "move it to {new}",
    "could you do {new} instead", "rather {new}", "{new}", "i mean {new}", "nope {new} please", "let's do {new}",
)  # fmt: skip
CORRECT_WHOLE: Final = (
    "no {text}", "i said {text}", "no i said {text}", "i meant {text}", "no i meant {text}", "wrong {text}",
    "that's not what i said {text}", "actually {text}", "please {text}", "not that {text}", "sorry {text}",
    "no no {text}", "what i meant was {text}", "i asked you to {text}", "wait {text}", "try again {text}",
)  # fmt: skip
CORRECT_ANSWER: Final = (
    "yes but {new}", "yes but make it {new}", "ok but {new}", "yes but change it to {new}", "good but make it {new}",
    "looks good but {new}", "no {new}", "no make it {new}", "yes but with {new}", "sure but {new} instead",
)  # fmt: skip
"""To a question of ours."""
ADD: Final = (
    "and the {new} too", "and {new}", "also {new}", "{new} as well", "what about {new}", "how about {new}",
    "and also the {new}", "the same for {new}", "and now {new}", "then {new}", "{new} too", "next {new}",
    "and what about {new}", "do the same with {new}", "also for {new}", "plus {new}",
)  # fmt: skip
GO_ON: Final = (
    "ok {text}",
    "thanks now {text}",
    "and {text}",
    "great {text}",
    "also {text}",
    "now {text}",
    "then {text}",
)
ANSWERS: Final = (
    "yes", "yes please", "ok", "okay", "sure", "thanks", "thank you", "great", "perfect", "that's right", "looks good",
    "yes do that", "no thanks", "fine", "good", "yeah", "yep go ahead", "that works", "thank you very much", "cool",
)  # fmt: skip
STOPS: Final = (
    "stop",
    "cancel",
    "cancel that",
    "never mind",
    "undo that",
    "no",
    "that's wrong",
    "stop it",
    "forget it",
    "undo",
)


def one_of(sayings: tuple[str, ...], part: Part, chance: random.Random) -> str:
    """Every other one is kept for the test; what is a single word stands in both."""
    rest = 1 if part == "test" else 0
    return chance.choice([each for at, each in enumerate(sayings) if at % 2 == rest or each in {"{new}", "yes", "ok"}])
