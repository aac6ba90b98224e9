"""The pipeline's recogniser: typed text passes through, sound is read, on trial already before the sentence ended.

Pure but for its one worker thread. The runtime begins a trial when the ears do, voids it when they do, and adopts it
when the utterance ended with that trial still valid; then `transcribe` has only to wait for what is almost done.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import PurePath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.errors import StageFailed
from edge.knowledge import Knowledge
from edge.records import Transcript, Utterance, Wake
from edge.sayable import Sayable
from edge.text import clean

log = logging.getLogger(__name__)


class SoundRecogniser(Protocol):
    """Reads sound (float32, 16 kHz) that begins with the spoken words `lead_in`, if any."""

    def recognise(
        self, sound: NDArray[np.float32], lead_in: str = "", sayable: Sayable | None = None
    ) -> Transcript: ...

    def fit(self, encoded: Any, texts: Sequence[str]) -> Sequence[float]:
        """The log probability of each text in a sound that was read; `encoded` is its transcript's."""


_VERSION = re.compile(r"(_v\d+(\.\d+)*)?(\.onnx)?$")

WhenDone = Callable[[int, Transcript], None]
SayableOf = Callable[[Knowledge], Sayable]
"""What may be said in a home."""


class TrialRecogniser:
    """Recognises on one thread of its own; safe to be called from several."""

    def __init__(self, recogniser: SoundRecogniser, sayable_of: SayableOf = lambda _: Sayable()) -> None:
        self._recogniser = recogniser
        self._sayable_of = sayable_of
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asr")
        self._trials: dict[int, Future[Transcript]] = {}
        self._adopted: tuple[NDArray[np.float32] | None, Future[Transcript]] | None = None

    def begin(
        self,
        trial_id: int,
        sound: NDArray[np.float32],
        knowledge: Knowledge,
        wake: Wake | None = None,
        when_done: WhenDone | None = None,
    ) -> None:
        """Start to read `sound`, which begins with the wake word where `wake` is given.

        `when_done` is told the transcript on the worker's thread, unless the trial became void.
        """
        trial = self._worker.submit(self._read, sound, wake, knowledge)
        self._trials[trial_id] = trial
        if when_done is not None:
            trial.add_done_callback(lambda done: self._tell(trial_id, done, when_done))

    def void(self, trial_id: int) -> None:
        """Forget the trial: speech went on."""
        trial = self._trials.pop(trial_id, None)
        if trial is not None:
            trial.cancel()

    def result(self, trial_id: int) -> Transcript | None:
        """The trial's transcript; None while there is none."""
        trial = self._trials.get(trial_id)
        if trial is None or not trial.done() or trial.exception() is not None:
            return None
        return trial.result()

    def adopt(self, trial_id: int, utterance: Utterance) -> None:
        """The utterance is what the trial heard: its `transcribe` takes the trial's result.

        It is known by its sound, so other fields may still be replaced.
        """
        trial = self._trials.pop(trial_id, None)
        self._adopted = None if trial is None else (utterance.sound, trial)

    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript:
        """The words of the utterance; raises StageFailed("asr", ...)."""
        if utterance.sound is None:
            return _as_typed(utterance)
        try:
            return self._begun(utterance, knowledge).result()
        except Exception as error:
            log.exception("The recogniser broke down.")
            raise StageFailed("asr", "The recogniser broke down. `edge doctor` checks its model.") from error

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        """The log probability of each text in the transcript's sound; nothing where there is none."""
        if transcript.encoded is None:
            return {}
        try:
            fits = self._worker.submit(self._recogniser.fit, transcript.encoded, texts).result()
        except Exception as error:
            log.exception("The recogniser broke down.")
            raise StageFailed("asr", "The recogniser broke down. `edge doctor` checks its model.") from error
        return dict(zip(texts, fits, strict=True))

    def close(self) -> None:
        """Let the thread go, after what it is doing."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _begun(self, utterance: Utterance, knowledge: Knowledge) -> "Future[Transcript]":
        adopted = self._adopted
        if adopted is not None and adopted[0] is utterance.sound:
            self._adopted = None
            return adopted[1]
        return self._worker.submit(self._read, utterance.sound, utterance.wake, knowledge)

    def _read(self, sound: NDArray[np.float32], wake: Wake | None, knowledge: Knowledge) -> Transcript:
        return self._recogniser.recognise(sound, spoken_words(wake), self._sayable_of(knowledge))

    def _tell(self, trial_id: int, trial: "Future[Transcript]", when_done: WhenDone) -> None:
        if self._trials.get(trial_id) is trial and (transcript := self.result(trial_id)) is not None:
            when_done(trial_id, transcript)


class TypedRecogniser:
    """The pipeline's recogniser where no speech model is loaded."""

    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript:
        """The typed words; raises StageFailed("asr", ...) for sound."""
        if utterance.sound is not None:
            raise StageFailed("asr", "Speech recognition is not loaded. Start with voice=True, or type the command.")
        return _as_typed(utterance)

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        """There is no sound to score in."""
        return {}


def spoken_words(wake: Wake | None) -> str:
    """How the wake word is written: hey_jarvis and /models/hey_jarvis_v0.1.onnx -> Hey Jarvis. Empty without one."""
    return _VERSION.sub("", PurePath(wake.word).name).replace("_", " ").title() if wake else ""


def _as_typed(utterance: Utterance) -> Transcript:
    alternatives = (clean(other) for other in utterance.typed_alternatives)
    return Transcript(
        text=clean(utterance.typed or ""),
        confidence=utterance.typed_confidence,
        alternatives=tuple(other for other in alternatives if other),
        engine="typed",
    )
