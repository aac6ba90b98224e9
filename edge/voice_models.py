"""Loads the models of hearing and speech that the settings name, each checked against the manifest first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.asr.trial import TrialRecogniser
from edge.asr.whisper import WhisperRecogniser
from edge.hearing.ears import Ears
from edge.hearing.voice_activity import VoiceActivity
from edge.hearing.wake import WakeDetector
from edge.manifest import Manifest
from edge.settings import Settings
from edge.speech.piper import PiperVoice
from edge.speech.playback import Playback
from edge.speech.sinks import WavSink
from edge.voice import Voice


def load_voice(settings: Settings) -> Voice:
    """Ears, recogniser and mouth. Raises ModelError saying what to do about a missing or damaged model."""
    manifest = Manifest.load()
    for name in manifest.needed(settings):
        manifest.verify(name)
    with ThreadPoolExecutor(max_workers=2) as loading:  # the two large models, side by side
        recogniser = loading.submit(_load_recogniser, settings, manifest)
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


def _load_recogniser(settings: Settings, manifest: Manifest) -> TrialRecogniser:
    asr = settings.asr
    return TrialRecogniser(WhisperRecogniser(manifest.locate(asr.model), asr.threads, asr.beam_size))


def _detector(settings: Settings, manifest: Manifest) -> WakeDetector:
    words = {word: manifest.locate(manifest.wake_word(word)) for word in settings.wake.words}
    return WakeDetector(manifest.locate("wake-melspectrogram"), manifest.locate("wake-embedding"), words)


def _activity(manifest: Manifest) -> VoiceActivity:
    return VoiceActivity(manifest.locate("vad-silero-v6"))
