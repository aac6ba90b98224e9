"""The transformer over a dialogue: how it is read, and how the bench joins it with the trees."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.bench.rephrase_cases import Case
from edge.bench.rephrase_dialogues import Dialogue
from edge.bench.rephrase_judges import ByEvidence, BySpan, Joined, spans_of
from edge.bench.rephrase_span import SIGNS, Reader, SpanAnswer, SpanModel, inputs
from edge.errors import ModelError
from edge.feedback.rephrase_evidence import evidence
from edge.feedback.rephrase_model import Logistic
from edge.feedback.rephrasing import NAMED
from edge.records import Reject, Transcript, Utterance
from edge.turn import Context, Turn

WORDS: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "light", "kitchen", "hall", "no", "the", *SIGNS)
START: Final = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def turn(text: str, after_s: float) -> Turn:
    """Nothing but words and a time."""
    at = START + timedelta(seconds=after_s)
    return Turn.begin(f"t{after_s}", Utterance("microphone"), Context(at), 1).heard(Transcript(text))


FIRST: Final = turn("kitchen light", 0)
FOLLOWERS: Final = (turn("no the hall light", 7), turn("light", 300), turn("the light", 30))


def said(reader: Reader, first: Turn = FIRST) -> list[str]:
    return [WORDS[at] for at in reader.read(first, FOLLOWERS).ids]


def test_a_dialogue_is_one_row_with_its_gaps() -> None:
    """The first turn, then every follower in time behind the time that it took; what came too late is left out."""
    read = Reader(WORDS, outcomes=False).read(FIRST, FOLLOWERS)
    assert said(Reader(WORDS, outcomes=False)) == [
        "[CLS]", "kitchen", "light", "[SEP]", "[gap 8]", "no", "the", "hall", "light", "[SEP]", "[gap 34]", "the",
        "light", "[SEP]",
    ]  # fmt: skip
    assert read.places == (0, 2)
    assert [WORDS[read.ids[at]] for at in read.marks] == ["[CLS]", "[gap 8]", "[gap 34]"]
    assert read.kinds == (0, 0, 1, 0, 2, 2, 2, 2, 3, 2, 4, 4, 5, 4)


def test_only_the_variant_with_outcomes_reads_them() -> None:
    """That a turn was turned down stands before its words, or nowhere."""
    failed = replace(FIRST, decision=Reject("not_understood"))
    assert said(Reader(WORDS, outcomes=True), failed)[:2] == ["[CLS]", "[not_matched]"]
    assert said(Reader(WORDS, outcomes=False), failed) == said(Reader(WORDS, outcomes=False))


def test_long_and_empty_turns_are_read() -> None:
    """Words without end are cut, and a turn without words is none."""
    reader = Reader(WORDS, outcomes=True)
    assert reader.read(turn("light " * 40, 0), [turn("the " * 40, 5)]).places == (0,)
    assert len(reader.read(turn("light " * 40, 0), [turn("the " * 40, at) for at in range(1, 9)]).ids) < 190
    assert reader.read(FIRST, [turn("", 5), turn("light", -5)]).places == ()


def test_rows_of_different_length_stand_side_by_side() -> None:
    """What is not there is 0, and -1 among the marks."""
    reader = Reader(WORDS, outcomes=False)
    rows = inputs([reader.read(FIRST, FOLLOWERS), reader.read(FIRST, FOLLOWERS[:1])])
    assert rows["ids"].shape == rows["kinds"].shape == (2, 14)
    assert rows["ids"][1, 10:].tolist() == [0] * 4
    assert rows["marks"].tolist() == [[0, 4, 10], [0, 4, -1]]


@pytest.mark.parametrize(
    "about", ["", "[]", "{}", json.dumps({"label": "x", "outcomes": True, "slope": 1, "shift": 0})]
)
def test_a_folder_without_a_model_is_named(tmp_path: Path, about: str) -> None:
    """Missing or damaged, it is said which folder it was."""
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
    (tmp_path / "span.json").write_text(about)
    with pytest.raises(ModelError, match=tmp_path.name):
        SpanModel(tmp_path)


@dataclass(frozen=True)
class FakeSpanModel(SpanModel):
    """Believes what it is told, of the first and the third follower."""

    end: tuple[float, ...]

    def answer(self, first: Turn, followers: object) -> SpanAnswer:
        return SpanAnswer((0, 2), (0.9, 0.2), self.end, self.end)


class FakeVectors:
    """Nobody asks for them."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(texts)


def cases() -> list[Case]:
    """Of every follower, with its evidence."""
    return [
        Case(FIRST, each, FOLLOWERS[:at], False, evidence(FIRST, each, ()), FOLLOWERS[at + 1 :])
        for at, each in enumerate(FOLLOWERS)
    ]


def test_a_case_is_judged_by_its_own_follower() -> None:
    """A follower is asked about by its place; one that was not read says nothing again."""
    judge = BySpan(FakeSpanModel((0.9, 0.1)))
    assert [judge.p(each) for each in cases()] == [0.9, 0.0, 0.2]


@pytest.mark.parametrize(("log_odds", "joined"), [(-4.0, 0.018), (0.0, 0.75), (4.0, 0.982)])
def test_only_where_the_trees_are_in_doubt_is_the_transformer_asked(log_odds: float, joined: float) -> None:
    """There the mean of both counts, in log-odds; where the trees are sure they have the last word."""
    sure = ByEvidence(Logistic(features=(), weights=(), bias=log_odds), FakeVectors())
    assert Joined(sure, BySpan(FakeSpanModel((0.9, 0.1)))).p(cases()[0]) == pytest.approx(joined, abs=0.001)


def test_the_named_follower_is_counted() -> None:
    """Right, wrong, missed, and invented where there was none."""
    failed = replace(FIRST, decision=Reject("not_understood"))
    works, never = (Dialogue((failed, *FOLLOWERS), (False, False, again), (2,) * again) for again in (True, False))
    sure = BySpan(FakeSpanModel((0.05, NAMED)))
    other, none = BySpan(FakeSpanModel((NAMED, 0.1))), BySpan(FakeSpanModel((0.1, 0.1)))
    counted = [spans_of("", judge, [works, never]) for judge in (sure, other, none)]
    assert [(each.right, each.wrong, each.missed, each.invented, each.quiet) for each in counted] == [
        (1, 0, 0, 1, 1), (0, 1, 0, 1, 1), (0, 0, 1, 0, 1),
    ]  # fmt: skip
    assert (counted[0].precision, counted[0].recall) == (0.5, 1.0)
