"""Loads the models of hearing and speech that the settings name, each checked against the manifest first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.asr.recogniser import Recogniser
from edge.asr.trial import SayableOf, TrialRecogniser
from edge.asr.whisper import Whisper
from edge.hearing.ears import Ears
from edge.hearing.voice_activity import VoiceActivity
from edge.hearing.wake import WakeDetector
from edge.manifest import Manifest
from edge.settings import Settings
from edge.speech.piper import PiperVoice
from edge.speech.playback import Playback
from edge.speech.sinks import WavSink
from edge.voice import Voice


def load_voice(settings: Settings, sayable_of: SayableOf) -> Voice:
    """Ears, recogniser of what may be said, and mouth. Raises ModelError, which says what to do."""
    manifest = Manifest.load()
    for name in manifest.needed(settings):
        manifest.verify(name)
    with ThreadPoolExecutor(max_workers=2) as loading:  # the two large models, side by side
        recogniser = loading.submit(_load_recogniser, settings, manifest, sayable_of)
        mouth = loading.submit(load_mouth, settings, manifest)
        return Voice(
            new_ears=lambda: Ears(_detector(settings, manifest), _activity(manifest), settings.hearing, settings.wake),
            new_detector=lambda: _detector(settings, manifest),
            recogniser=recogniser.result(),
            mouth=mouth.result(),
        )


def save_speech(settings: Settings, text: str, file: Path) -> None:
    """Speak `text` into a WAV file. Raises AudioError when it cannot be written."""
    mouth, sink = load_mouth(settings, Manifest.load()), WavSink(file)
    sink.play(mouth.synthesise(text), mouth.sample_rate, Playback())
    sink.close()


def load_mouth(settings: Settings, manifest: Manifest) -> PiperVoice:
    """The voice alone."""
    return PiperVoice(manifest.locate(settings.speech.voice), volume=settings.speech.volume)


def _load_recogniser(settings: Settings, manifest: Manifest, sayable_of: SayableOf) -> TrialRecogniser:
    asr = settings.asr
    model = Whisper(manifest.locate(asr.model), asr.threads, asr.beam_size)
    return TrialRecogniser(Recogniser(model, asr.search), sayable_of)


def _detector(settings: Settings, manifest: Manifest) -> WakeDetector:
    words = {word: manifest.locate(manifest.wake_word(word)) for word in settings.wake.words}
    return WakeDetector(manifest.locate("wake-melspectrogram"), manifest.locate("wake-embedding"), words)


def _activity(manifest: Manifest) -> VoiceActivity:
    return VoiceActivity(manifest.locate("vad-silero-v6"))
