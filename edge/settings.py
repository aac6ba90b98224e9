"""Words: the settings, as one frozen record. `edge.config` fills it from where settings come from.

The record is all the documentation there is: `edge config show` and the sample edge.toml are made from it.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _broker_url(url: str) -> str:
    if re.fullmatch(r"mqtts?://[^\s/@]+/?", url) is None:
        raise ValueError("should look like mqtt://host:1883 or mqtts://host:8883, with user and password apart")
    return url


def _some(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words:
        raise ValueError('should name at least one wake word, as in ["hey_jarvis"]')
    return words


def _node(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) is None or name in {"cause", "discovery", "simulated", "status"}:
        raise ValueError("should be one short word, and none that stands for something else in our topics")
    return name


Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
BrokerUrl = Annotated[str, AfterValidator(_broker_url)]
NodeName = Annotated[str, AfterValidator(_node)]
WakeWords = Annotated[tuple[str, ...], AfterValidator(_some)]


class Section(BaseModel):
    """A table of edge.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class AssistantSettings(Section):
    """Who it is and where it stands."""

    room: str | None = None
    """Room in which the assistant stands, as the home names it."""
    screen: bool = False
    """Whether the assistant has a screen."""
    profile: str | None = None
    """Device profile: pi4, pi5, x86; empty: by the machine."""


class AudioSettings(Section):
    """Microphone and loudspeaker."""

    input: Literal["microphone", "none"] = "microphone"
    """Where speech comes from."""
    input_device: str | None = None
    """Name or number of the microphone; empty: the system's default."""
    output: Literal["loudspeaker", "none"] = "loudspeaker"
    """Where replies go."""
    output_device: str | None = None
    """Name or number of the loudspeaker; empty: the system's default."""


class WakeSettings(Section):
    """The wake word."""

    words: WakeWords = ("hey_jarvis",)
    """Wake words to listen for, or .onnx files of your own; see `edge models`."""
    threshold: Fraction = 0.5
    """Score from which a wake word counts."""


class HearingSettings(Section):
    """When a sentence begins and ends."""

    vad_threshold: Fraction = 0.5
    """Probability of speech from which a frame counts as voiced."""
    early_silence_ms: int = Field(default=160, ge=64)
    """Silence after which recognition starts on trial."""
    complete_silence_ms: int = Field(default=300, ge=96)
    """Silence that ends a sentence which is already complete."""
    end_silence_ms: int = Field(default=800, ge=200)
    """Silence that ends any sentence."""
    no_speech_ms: int = Field(default=4_000, ge=500)
    """How long to wait for speech after the wake word."""
    max_speech_ms: int = Field(default=12_000, ge=1_000, le=28_000)
    """Longest utterance."""

    @model_validator(mode="after")
    def _silences_grow(self) -> Self:
        if not self.early_silence_ms <= self.complete_silence_ms <= self.end_silence_ms:
            raise ValueError(
                "hearing.early_silence_ms must not be longer than hearing.complete_silence_ms, "
                "nor that than hearing.end_silence_ms"
            )
        return self


Search = Literal["free", "closed", "near"]


class AsrSettings(Section):
    """Speech recognition."""

    model: str = "asr-tiny-en"
    """Model of the recogniser; see `edge models`."""
    threads: int = Field(default=1, ge=1, le=16)
    """Threads of the recogniser."""
    beam_size: int = Field(default=5, ge=1, le=10)
    """Readings that are followed side by side."""
    search: Search = "near"
    """free: any English; closed: words of this home first; near: its sentences too, by their sound."""


class SpeechSettings(Section):
    """The voice that answers."""

    voice: str = "tts-en-us-joe"
    """Voice, or a Piper .onnx file of your own with its .onnx.json beside it; see `edge models`."""
    volume: Fraction = 1.0
    """Loudness of replies."""


class MqttSettings(Section):
    """The broker through which the home is reached. Without a URL Edge starts its own, with a demo home."""

    url: BrokerUrl | None = None
    """mqtt://host:1883 or mqtts://host:8883; empty: own broker, demo home."""
    user: str | None = None
    """User name at the broker."""
    password_file: Path | None = None
    """File whose first line is the password; empty: systemd's credential mqtt-password, where there is one."""
    ca_file: Path | None = None
    """CA certificates for mqtts; empty: the system's."""
    certificate_file: Path | None = None
    """Our own certificate for mqtts, for a broker that wants one."""
    key_file: Path | None = None
    """Key of our own certificate, without a password; empty: it lies in certificate_file."""
    discovery_prefix: str = "homeassistant"
    """Prefix of Home Assistant's discovery topics."""
    embedded_port: int = Field(default=0, ge=0, le=65535)
    """Port of the own broker on 127.0.0.1; 0: any free one."""
    own_device: bool = True
    """Whether Edge announces itself at the broker, for Home Assistant to show and automate."""
    node: NodeName = "assistant"
    """Name of this assistant in its own topics; each of several assistants at one broker needs another one."""
    share_words: bool = False
    """Whether what was said and answered is published with the last turn."""
    text_commands: bool = False
    """Whether typed commands are taken from the broker; guarded devices never move for them."""

    @model_validator(mode="after")
    def _who_writes_is_known(self) -> Self:
        if self.text_commands and self.url and not (self.user or self.certificate_file):
            raise ValueError(
                "mqtt.text_commands would let everybody on the network command this home: give the broker passwords"
                " and set mqtt.user, or mqtt.certificate_file"
            )
        return self


class HomeSettings(Section):
    """The home file: what is simulated while no broker is configured, and what a real home is completed with."""

    file: Path | None = None
    """Home file; empty: home.toml in the data directory, over the demo home. See `edge devices`, `edge home check`."""
    confirm_timeout_ms: int = Field(default=3_000, ge=100)
    """How long a device may take to report a new state."""


class SkillsSettings(Section):
    """Skills without code: files that say what can be said, and what it does."""

    folder: Path | None = None
    """Folder whose .toml files are skills; empty: `skills` beside this file. See `edge skill check`."""


class StoreSettings(Section):
    """The one SQLite file."""

    path: Path | None = None
    """Database; empty: edge.db in the data directory."""
    keep_audio: bool = False
    """Keep the sound of each utterance as a WAV in the folder `sound` beside the database."""
    history_days: int = Field(default=90, ge=1)
    """How long the changes of devices are remembered."""


class FeedbackSettings(Section):
    """What is asked to learn how turns went."""

    questions_per_day: int = Field(default=1, ge=0, le=20)
    """How often in a day "Did I get that right?" may be asked, where it is in doubt and free to ask; 0: never."""


class LearningSettings(Section):
    """How it learns."""

    rewrites: bool = True
    """Whether what failed before is taken for what was said instead of it then."""
    explore_per_day: int = Field(default=0, ge=0, le=5)
    """How often in a day, of two lamps or fans almost equally likely to be meant, the second may be tried; 0: never."""


class Settings(Section):
    """All settings of Edge."""

    assistant: AssistantSettings = AssistantSettings()
    audio: AudioSettings = AudioSettings()
    wake: WakeSettings = WakeSettings()
    hearing: HearingSettings = HearingSettings()
    asr: AsrSettings = AsrSettings()
    speech: SpeechSettings = SpeechSettings()
    mqtt: MqttSettings = MqttSettings()
    home: HomeSettings = HomeSettings()
    skills: SkillsSettings = SkillsSettings()
    store: StoreSettings = StoreSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    learning: LearningSettings = LearningSettings()
