"""World: voices, noises, rooms and the recogniser. What was heard once is kept in a folder, and heard from there."""

import hashlib
import itertools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from edge.asr.trial import TypedRecogniser
from edge.bench.commands import RATE, WAKE, voiced
from edge.bench.noise import Mixed, Surroundings
from edge.bench.voices import Voices
from edge.hearing.events import UtteranceEnded
from edge.knowledge import Knowledge
from edge.nlu.sayable import Vocabulary
from edge.nlu.vocabulary import taught
from edge.paths import shipped
from edge.records import Transcript, Utterance, Wake
from edge.settings import Settings
from edge.voice import BLOCK, Voice
from edge.voice_models import load_voice
from fault_laboratory.goals import Split
from fault_laboratory.hearing import WAKE_WORD, Manner, wake_score
from fault_laboratory.planning import NOISES, ROOMS, VOICES

_CHATTER: Final = (
    "and then she told him that the train would not stop there before the end of the week, can you imagine"
)
"""What somebody else says all the while."""

_UTTERANCE: Final = TypeAdapter(Utterance)
_TRANSCRIPT: Final = TypeAdapter(Transcript)


@dataclass(frozen=True)
class _Sound:
    """What stands in an utterance for its sound, and in a transcript for what the encoder made of it."""

    key: str
    text: str
    manner: Manner
    seed: str


class SpokenHearing:
    """Hears sentences that are spoken by synthetic voices, in noise and rooms, through the assistant's own ears."""

    def __init__(self, data: Path, cache: Path) -> None:
        """`data` is the folder above noise_rir. Raises AudioError when there are no noises or rooms."""
        self._folder = cache / "heard"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._voices = Voices(cache / "voices")
        self.names = self._voices.names
        self._around = {split: _surroundings(data, split) for split in NOISES}
        self._typed = TypedRecogniser()
        self._encoded: dict[str, Transcript] = {}
        """Of the last sound that was read: what scores it."""

    def utter(self, text: str, manner: Manner, room: str, seed: str) -> Utterance:
        """The sentence as the ears hand it over, with a handle in the place of its sound."""
        wake = Wake(WAKE_WORD, wake_score(manner, random.Random(seed))) if manner.has_wake else None
        if not text:
            return Utterance("microphone", room=room, wake=wake, typed="")
        key = hashlib.sha256(json.dumps([text, asdict(manner), seed]).encode()).hexdigest()[:24]
        sound = _Sound(key, text, manner, seed)
        utterance = _UTTERANCE.validate_python(self._known(sound)["utterance"])
        return replace(
            utterance, room=room, wake=utterance.wake or wake, sound=sound if utterance.typed is None else None
        )

    def surroundings(self, utterance: Utterance) -> tuple[str, str]:
        """The names of the noise and of the room that stand in its sound; empty without."""
        if utterance.sound is None:
            return "", ""
        known = self._known(utterance.sound)
        return known["noise"], known["room"]

    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript:
        """As the recogniser reads it, with the words of this home."""
        sound = utterance.sound
        if sound is None:
            return self._typed.transcribe(utterance, knowledge)
        key = f"{sound.key}.{_home_key(knowledge)}"
        kept = self._kept(key, lambda: _TRANSCRIPT.dump_python(self._read(sound, knowledge), mode="json"))
        return replace(_TRANSCRIPT.validate_python(kept), encoded=(key, sound, knowledge))

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        """As the recogniser scores them."""
        if transcript.encoded is None:
            return {}
        key, sound, knowledge = transcript.encoded
        asked = hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()[:12]
        kept: dict[str, float] = self._kept(
            f"{key}.{asked}", lambda: dict(self._voice.recogniser.scores(self._read(sound, knowledge), texts))
        )
        return kept

    def close(self) -> None:
        """Let go of the recogniser, if it was needed."""
        if self.has_loaded:
            self._voice.close()

    @property
    def has_loaded(self) -> bool:
        """Whether the models were needed."""
        return "_voice" in vars(self)

    @cached_property
    def _voice(self) -> Voice:
        return load_voice(Settings(), Vocabulary(taught(shipped("models") / "nlu")).sayable)

    def _kept(self, key: str, make: Any) -> Any:
        file = self._folder / f"{key}.json"
        if not file.is_file():
            making = file.with_suffix(".making")
            making.write_text(json.dumps(make()), encoding="utf-8")
            making.rename(file)
        return json.loads(file.read_text(encoding="utf-8"))

    def _known(self, sound: _Sound) -> Any:
        """What the ears made of the sound, and in what surroundings."""

        def made() -> Any:
            utterance, mixed = self._heard(sound)
            heard = _UTTERANCE.dump_python(utterance, mode="json")
            return {"utterance": heard, "noise": mixed.noise_name, "room": mixed.room}

        return self._kept(f"{sound.key}.ears", made)

    def _read(self, sound: _Sound, knowledge: Knowledge) -> Transcript:
        """The recogniser's own transcript, with what its encoder made of the sound."""
        if sound.key not in self._encoded:
            self._encoded = {sound.key: self._voice.recogniser.transcribe(self._heard(sound)[0], knowledge)}
        return self._encoded[sound.key]

    def _heard(self, sound: _Sound) -> tuple[Utterance, Mixed]:
        """What the ears make of the whole recording; where they heard no wake word, it is said without one."""
        manner = sound.manner
        if manner.has_wake and not manner.is_talk and not manner.cut_ms:
            mixed = self._recording(f"{WAKE}, {sound.text}", sound)
            if (utterance := self._ears(mixed.samples)).wake is not None:
                return utterance, mixed
        mixed = self._recording(sound.text, sound)
        return self._ears(mixed.samples), mixed

    def _ears(self, samples: NDArray[np.int16]) -> Utterance:
        ears, events = self._voice.new_ears(), []
        for begin in range(0, samples.size, BLOCK):
            if not ears.is_listening:
                ears.listen()
            events += ears.feed(samples[begin : begin + BLOCK])
        heard = [event.utterance for event in events + ears.finish() if isinstance(event, UtteranceEnded)]
        return heard[0] if heard else Utterance("microphone", typed="")

    def _recording(self, text: str, sound: _Sound) -> Mixed:
        """The sentence as a microphone gets it."""
        manner = sound.manner
        split: Split = "train" if manner.voice in VOICES["train"] else "test"
        spoken = voiced(self._voices.say(manner.voice, text))
        spoken = spoken[min(manner.cut_ms * RATE // 1000, spoken.size // 2) :]
        if manner.babble_db is not None:
            other = next(name for name in VOICES[split] if name != manner.voice)
            spoken = _among(spoken, voiced(self._voices.say(other, _CHATTER)), manner.babble_db)
        around = self._around[split]
        mixtures = (around.mixed(spoken, manner.snr_db, f"{sound.seed} {number}") for number in itertools.count())
        return next(mixed for mixed in mixtures if bool(mixed.room) == manner.reverberant)


def _home_key(knowledge: Knowledge) -> str:
    """Tells homes apart by what may be said in them."""
    names = [(device.name, device.aliases, device.area) for device in knowledge.home.devices]
    return hashlib.sha256(repr(names).encode()).hexdigest()[:12]


def _surroundings(data: Path, split: Split) -> Surroundings:
    """The noises and rooms of one split."""
    around = Surroundings(data / "noise_rir")
    around.noises = {name: around.noises[name] for name in NOISES[split] if name in around.noises}
    around.rooms = {name: around.rooms[name] for name in ROOMS[split] if name in around.rooms}
    return around


def _among(voice: NDArray[np.int16], other: NDArray[np.int16], distance_db: float) -> NDArray[np.int16]:
    """The voice while another talks, so many decibels softer."""
    talk = np.resize(other, voice.size).astype(np.float64)
    powers = [float(np.mean(each.astype(np.float64) ** 2)) for each in (voice, talk)]
    gain = np.sqrt(powers[0] / 10 ** (distance_db / 10) / max(powers[1], 1.0))
    mixed = voice.astype(np.float64) + gain * talk
    return np.asarray(np.clip(mixed, -32_768, 32_767), dtype=np.int16)
