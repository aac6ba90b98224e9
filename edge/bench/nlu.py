"""World: the whole of `edge bench nlu`: intents, home commands, templates, talk, and what understanding costs.

What was trained on is never tested with: every sentence of HWU64 and SLURP meets the model of the fold that left it out
(`scripts/train_nlu --fold K`), made by the same code and of the same parts as the one that ships. CLINC150 meets the
model that ships; half 1 of it is never trained on, and half 0, which is, counts apart.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import Progress

from edge.bench.figures import machine
from edge.bench.nlu_accuracy import Classed, classed
from edge.bench.nlu_cost import cost
from edge.bench.nlu_expected import Expectations
from edge.bench.nlu_labels import is_home_command, is_talk
from edge.bench.nlu_peers import Peer, peers
from edge.bench.nlu_report import Misread, NluReport, TemplateResult
from edge.bench.nlu_turns import NOW, ROOM, AtThresholds, Listener, RememberingClassifier, settings
from edge.bench.sampling import TemplateSampler
from edge.bench.talk_data import FOLDS, Sentence, clinc, hwu64, slurp
from edge.clock import SimulatedClock
from edge.home.home_file import demo_home_path
from edge.knowledge import HomeMap, Knowledge
from edge.live_home import open_home
from edge.nlu.grammar import GrammarUnderstanding
from edge.paths import shipped
from edge.records import Phrasing
from edge.turn import Context

T = TypeVar("T")

DEVELOPMENT_FOLD: Final = 0
"""The one whose sentences may be looked at while understanding is made better."""

TALK, TEMPLATES, TIMED = 10_000, 2_000, 1_000
TRAINED_TALK: Final = 2_500
"""Of half 0 of CLINC150, told apart from the rest."""


@dataclass(frozen=True)
class NluPlan:
    """What is measured, with what."""

    data: Path
    folds: Path | None = None
    """The folder of the fold models; without it HWU64 and SLURP are left out."""
    seed: int = 1
    only_development: bool = False
    """Fold 0 and half 0 alone: for looking while others shall stay unseen."""
    quick: bool = False
    """A twentieth of everything, and no peers."""
    vocabulary: Path | None = None
    """BERT's vocab.txt, for a peer."""

    @property
    def templates(self) -> int:
        """How many sentences are drawn from templates."""
        return TEMPLATES // 20 if self.quick else TEMPLATES

    def models(self) -> dict[int, Path]:
        """Fold models that are there, by fold."""
        folders = {fold: self.folds / f"fold_{fold}" for fold in range(FOLDS)} if self.folds else {}
        allowed = {DEVELOPMENT_FOLD} if self.only_development else set(range(FOLDS))
        return {fold: folder for fold, folder in folders.items() if fold in allowed and folder.is_dir()}

    def some(self, things: Sequence[T], most: int) -> list[T]:
        """At most so many of them, drawn by the seed, in their order."""
        most = min(most, len(things)) if not self.quick else min(most, len(things)) // 20 + 1
        kept = sorted(random.Random(self.seed).sample(range(len(things)), min(most, len(things))))
        return [things[at] for at in kept]


@dataclass(frozen=True)
class _Corpus:
    """What is said in one run."""

    known: list[Sentence]
    """Of HWU64, everything that a fold model has left out."""
    commands: list[Sentence]
    talk: list[Sentence]
    timed: list[Sentence]

    @classmethod
    def read(cls, plan: NluPlan, folds: Collection[int]) -> "_Corpus":
        labelled, clinc150 = hwu64(plan.data), clinc(plan.data)
        commands = [each for each in labelled + slurp(plan.data) if is_home_command(each)]
        unseen = [each for each in labelled if each.fold in folds and is_talk(each)]
        unseen += [each for each in clinc150 if each.half == 1 and is_talk(each) and not plan.only_development]
        trained = [each for each in clinc150 if each.half == 0 and is_talk(each)]
        timed = plan.some(commands, TIMED // 2) + plan.some(clinc150, TIMED // 2)
        random.Random(plan.seed).shuffle(timed)
        return cls(
            plan.some([each for each in labelled if each.fold in folds], len(labelled)),
            plan.some([each for each in commands if each.fold in folds], len(commands)),
            plan.some(unseen, TALK) + plan.some(trained, TRAINED_TALK),
            timed,
        )

    def __len__(self) -> int:
        return len(self.known) + len(self.commands) + len(self.talk)


@dataclass
class _Found:
    """What is gathered on the way."""

    classed: list[Classed]
    home: list[AtThresholds]
    talk: list[AtThresholds]


def measure_nlu(plan: NluPlan, console: Console) -> NluReport:
    """Measure everything. Raises EdgeError when data or models are missing."""
    models = plan.models()
    corpus, home = _Corpus.read(plan, models), _demo_home()
    with _progress(console, len(corpus) + plan.templates) as done:
        found = _in_turn(models, corpus, done)
        templates = _templates(home, plan, done)
    recipes: tuple[Peer, ...] = ()
    if len(models) == FOLDS and not plan.quick:
        with _progress(console, 2) as done:
            recipes = tuple(peers([each.sentence for each in found.classed], plan.vocabulary, done))
    return NluReport(
        machine(),
        plan.seed,
        tuple(models),
        _left_out(plan, models, recipes, len(corpus.commands) - len(found.home)),
        tuple(found.classed),
        tuple(found.home),
        tuple(found.talk),
        templates,
        recipes,
        cost(corpus.timed, home, plan.seed),
    )


def _in_turn(models: Mapping[int, Path], corpus: _Corpus, done: Callable[[], None]) -> _Found:
    """Fold after fold, then the shipped model for CLINC150: one is in memory at a time."""
    found, expectations = _Found([], [], []), Expectations.load()
    for fold, folder in [*models.items(), (None, shipped("models") / "nlu")]:
        model = RememberingClassifier.load(folder)
        listener = Listener(model)
        for sentence in corpus.known:
            if sentence.fold == fold:
                found.classed.append(classed(model, sentence))
                done()
        for sentence in corpus.commands:
            expected = expectations.of(sentence) if sentence.fold == fold else None
            if expected is not None:
                found.home.append(listener.hear(sentence, expected))
                done()
        for sentence in corpus.talk:
            if fold == (None if sentence.dataset == "clinc" else sentence.fold):
                found.talk.append(listener.hear(sentence))
                done()
        listener.close()
    return found


def _templates(home: HomeMap, plan: NluPlan, done: Callable[[], None]) -> TemplateResult:
    """Sampled sentences through the templates alone."""
    sampler, grammar = TemplateSampler(home, ROOM), GrammarUnderstanding()
    area = home.area_called(ROOM)
    context, knowledge = Context(NOW, room=area.area_id if area else ROOM), Knowledge(1, home)
    best = 0
    second: list[Misread] = []
    lost: list[Misread] = []
    for each in sampler.draw(plan.seed, plan.templates):
        readings = grammar.interpret(Phrasing(each.text), context, knowledge)
        if each.comes_back(readings):
            best += 1
        else:
            (second if any(map(each.is_met_by, readings)) else lost).append((each, readings[:1]))
        done()
    return TemplateResult(best, tuple(second), tuple(lost), sampler.left_out)


def _demo_home() -> HomeMap:
    home = open_home(settings(), SimulatedClock(NOW), file=demo_home_path(), in_process=True)
    try:
        return home.picture.home_map
    finally:
        home.close()


def _left_out(plan: NluPlan, models: Mapping[int, Path], recipes: Sequence[Peer], unexpected: int) -> dict[str, str]:
    """What was not measured, and what to do about it."""
    wanted = [DEVELOPMENT_FOLD] if plan.only_development else list(range(FOLDS))
    reasons = {each.name: each.left_out for each in recipes if each.left_out}
    if unexpected:
        reasons[f"{unexpected} home commands"] = (
            "the expectation file does not know them: they are not of these data sets"
        )
    if not recipes:
        reasons["peers"] = "they need every fold, and are not part of --quick and --dev"
    if missing := [str(fold) for fold in wanted if fold not in models]:
        reasons[f"fold {', '.join(missing)} of HWU64 and SLURP"] = (
            "its model is not there: scripts/train_nlu --data DIR --weights W --fold K --out FOLDS makes it; "
            "then give --folds FOLDS"
        )
    return reasons


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[], None]]:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("understanding", total=total)
        yield lambda: progress.advance(task)
