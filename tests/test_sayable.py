"""What may be said to a home follows the home."""

from dataclasses import replace

import pytest

from edge.asr.closed import ClosedVocabulary
from edge.errors import ModelError
from edge.knowledge import Area, Device, HomeMap, Knowledge, Skill, SkillIntent, SkillSlot, SkillValue
from edge.nlu.sayable import Vocabulary
from edge.nlu.vocabulary import taught
from edge.paths import shipped

HOME = HomeMap((Area("den", "The Den"),), (Device("light.zebra", "Zebra lamp", "light", aliases=("Quagga",)),))


def test_words_of_sentences_names_and_skills_are_sayable() -> None:
    """The words of templates, plurals included, of free wording, of names, aliases and places, and of skills."""
    slot = SkillSlot("drink", "values", (SkillValue("Ristretto", ("short black",)),))
    skill = Skill("bar", "bar.toml", (SkillIntent("bar.brew", ("brew [a] {drink}",), (slot,)),))
    said = Vocabulary(["it is too gloomy in the {area}"]).sayable(Knowledge(1, HOME, (skill,))).words
    assert {"turn", "light", "lights", "gloomy", "zebra", "Zebra", "quagga", "den", "twenty"} <= said
    assert {word.casefold() for word in ("Ristretto", "short", "black", "brew")} <= {word.casefold() for word in said}
    assert not {"name", "intent", "drink", "sentences"} & said


def test_a_new_device_is_sayable_at_once() -> None:
    """The vocabulary is that of the knowledge, and the same object while nothing changed."""
    vocabulary, before = Vocabulary([]), Knowledge(1, HOME)
    known = vocabulary.sayable(before)
    assert vocabulary.sayable(replace(before, revision=2)) is known
    after = Knowledge(2, replace(HOME, devices=(*HOME.devices, Device("fan.okapi", "Okapi", "fan"))))
    assert "okapi" in vocabulary.sayable(after).words - known.words
    assert any("Okapi" in piece for pattern in vocabulary.sayable(after).patterns for piece in pattern.pieces)


def test_the_shipped_sentences_are_without_talk() -> None:
    """Free wording of commands; what is said among people is no command of this home."""
    sentences = taught(shipped("models") / "nlu")
    assert "i am freezing" in {sentence.replace("i'm", "i am") for sentence in sentences}
    assert "what is the capital of france" not in sentences


def test_missing_sentences_say_what_to_do(tmp_path: object) -> None:
    """As every model file does."""
    with pytest.raises(ModelError, match="Install Edge again"):
        taught(shipped("models") / "nothing")


def test_tokens_that_no_word_needs_are_suppressed() -> None:
    """With their capitals and with a space before them; the model's own signs, behind the text, never are."""
    asked: list[str] = []

    def encode(texts: object) -> list[list[int]]:
        assert isinstance(texts, list)
        asked.extend(texts)
        return [[len(text)] for text in texts]

    suppressed = ClosedVocabulary(encode, 9).suppressed(frozenset({"light"}))
    assert {"light", " light", " Light", "LIGHT", "7", " ?"} <= set(asked)
    assert suppressed == [0, 3, 4, 7, 8]
