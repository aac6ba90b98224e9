"""Words: every record of a turn, all frozen. Read this first.

One record grows downhill: sound becomes an `Utterance`, then a `Transcript`, `Phrasing`s, `Interpretation`s,
`Candidate`s, one `Decision`, an `Outcome` for each step, and a `Response`. `edge.turn.Turn` is the tray they lie on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from edge.errors import Point

Source = Literal["microphone", "wav", "pcm", "text", "mqtt", "agenda"]
"""Where it came from; `mqtt`: typed, by way of the broker; `agenda`: nobody said it, its time had come."""


@dataclass(frozen=True)
class Wake:
    """The wake word that opened an utterance."""

    word: str
    score: float
    """0 to 1, the classifier's highest score."""


@dataclass(frozen=True)
class Utterance:
    """What one person said in one go: a stretch of sound, or typed text."""

    source: Source
    room: str | None = None
    speaker: str = "unknown"
    wake: Wake | None = None
    typed: str | None = None
    """The text, where it was typed or handed in as recognised elsewhere; then there is no sound."""
    typed_confidence: float = 1.0
    typed_alternatives: tuple[str, ...] = ()
    speech_ms: float = 0.0
    interrupts_after_ms: int | None = None
    """How much of the reply before had been played when this utterance cut it off; None when it did not."""
    follow_up: bool = False
    """Whether it was heard without a wake word, while we listened on after a reply of ours."""
    sound: Annotated[Any, Field(exclude=True)] = field(default=None, compare=False, repr=False)
    """float32 mono samples at 16 kHz, shape (n,); never stored."""


@dataclass(frozen=True)
class Transcript:
    """What was heard. Empty text means that nothing was said."""

    text: str
    confidence: float = 1.0
    """0 to 1."""
    alternatives: tuple[str, ...] = ()
    """Other readings, likeliest first, without `text`."""
    engine: str = "typed"
    closed: bool = False
    """Whether `text` was read with the words of this home only."""
    free: str = ""
    """What was read with all words of the language, where that was tried."""
    pin: Literal["", "right", "wrong", "locked", "unasked"] = ""
    """Whether a PIN was said, which then stands nowhere in the texts. `locked`: after too many wrong ones; `unasked`:
    not as an answer to a question."""
    sound_vector: Annotated[str, Field(exclude_if=lambda vector: not vector)] = field(default="", repr=False)
    """What the recogniser's encoder made of the sound (`edge.sound_vector`); empty where nobody spoke."""
    encoded: Annotated[Any, Field(exclude=True)] = field(default=None, compare=False, repr=False)
    """The recogniser's own handle of the sound, for scoring; never stored."""


@dataclass(frozen=True)
class Phrasing:
    """One wording that understanding shall try: as heard, an alternative, or a rewrite."""

    text: str
    origin: Literal["heard", "alternative", "near", "rewrite"] = "heard"
    """`near`: names of this home stand where something was heard that sounds like them."""
    rule_id: str | None = None
    held_out: bool = False
    likeness: Annotated[float, Field(exclude_if=lambda likeness: likeness == 1.0)] = 1.0
    """Of a rewrite, how like what its rule was learned from that is what was heard, 0 to 1."""


@dataclass(frozen=True)
class Interpretation:
    """What a wording means, before anybody looked at the home."""

    intent: str
    """A name from Home Assistant, or one of `edge.intents.OURS`."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 1.0
    source: Literal["grammar", "model", "skill", "dialogue"] = "grammar"
    part: int = 0
    """Which command of the sentence this is, from 0: "lights off and lock the door" has two."""
    parts: int = 1

    @property
    def is_guess(self) -> bool:
        """Whether the wording is no sentence that is known, but one that was likened to such."""
        return self.source == "model" or (self.source == "skill" and self.confidence < 1.0)


@dataclass(frozen=True)
class ResolvedAction:
    """What shall be done, to which devices."""

    targets: tuple[str, ...]
    """device_ids."""
    command: str
    """turn_on, turn_off, open, close, lock, unlock, set_temperature, get_state ...: see `edge.commands`."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """brightness 0-100, color, position 0-100, temperature in degrees ..."""
    needs_confirmation: bool = False
    own_values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By device_id, values that stand above `values`: "brighter" means another number for every lamp."""
    own_commands: Annotated[Mapping[str, str], Field(exclude_if=lambda commands: not commands)] = field(
        default_factory=dict
    )
    """By device_id, commands that stand above `command`: to put things back, one goes on and another off."""
    left_out: Annotated[tuple[str, ...], Field(exclude_if=lambda ids: not ids)] = ()
    """device_ids that were meant as well, but cannot be reached or do not move with others."""

    def command_for(self, device_id: str) -> str:
        """What this device is told."""
        return self.own_commands.get(device_id, self.command)

    def values_for(self, device_id: str) -> Mapping[str, Any]:
        """What this device is to be set to."""
        return {**self.values, **self.own_values.get(device_id, {})}


@dataclass(frozen=True)
class Ambiguous:
    """Several devices answer to that name, and nothing tells them apart."""

    choices: tuple[str, ...]
    """device_ids, likeliest first; none where the choice is between entries of the agenda, one in each of `options`."""
    command: str
    values: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Mapping[str, Any], ...] = ()
    """Where a device could do several things (film or audiobook of one title): values, one set of which is meant."""
    own_values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """As in `ResolvedAction`."""


@dataclass(frozen=True)
class Unresolved:
    """The words were understood, yet nothing in this home fits them."""

    reason: Literal[
        "no_device",
        "no_area",
        "nothing_there",
        "cannot",
        "guarded",
        "no_question",
        "out_of_range",
        "not_supported",
        "unattended",
        "nothing_to_undo",
        "pin_locked",
        "no_time",
        "no_such_time",
        "past",
        "nothing_set",
    ]
    """`guarded`: only guarded devices fit, and those never move as a group. `unattended`: nobody could say yes.
    `no_time`: it was not said when or for how long. `nothing_set`: no such timer, alarm, reminder or command waits."""
    name: str = ""
    """The name, place, ability or range that was missing, for the reply."""
    targets: tuple[str, ...] = ()
    """device_ids that were meant but cannot do it, or may not."""


Resolution = ResolvedAction | Ambiguous | Unresolved


@dataclass(frozen=True)
class RunnerUp:
    """What the circumstances put second where they chose one of several."""

    action: ResolvedAction
    lead: float
    """Nats by which the first was ahead."""


@dataclass(frozen=True)
class Candidate:
    """One reading of the turn with what it would do here."""

    phrasing: Phrasing
    interpretation: Interpretation
    resolution: Resolution
    score: float
    """0 to 1."""
    consulted: tuple[str, ...] = ()
    """device_ids whose state was read to arrive here; they are kept with the turn, so that it can be replayed."""
    is_exact: bool = True
    """Whether the devices were named as they are called, in words that were heard as they stand."""
    runner_up: Annotated[RunnerUp | None, Field(exclude_if=lambda second: second is None)] = field(
        default=None, compare=False
    )


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    interpretation: Interpretation
    action: ResolvedAction
    confirmed_by: str | None = None
    """The turn_id of the question that was answered with yes; a guarded device moves for nothing else."""
    with_pin: bool = False
    """Whether the answer was the PIN."""


@dataclass(frozen=True)
class Rewritten:
    """By a rule that was learned something else was taken to be meant than what was heard."""

    rule_id: str
    instead_of: tuple[ResolvedAction, ...] = ()
    """What would have been done without it; nothing where nothing would."""


@dataclass(frozen=True)
class Ask:
    """Ask which one is meant."""

    interpretation: Interpretation
    ambiguous: Ambiguous
    steps: tuple[Step, ...] = ()
    """One for each choice, in the order in which they are offered; none of them is done."""
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True)
class Confirm:
    """Ask for a yes before these steps."""

    steps: tuple[Step, ...]
    pin: Literal["", "wanted", "wrong"] = ""
    """Whether the PIN is wanted instead of a yes, for the first time or again."""
    rewritten: Annotated[Rewritten | None, Field(exclude_if=lambda rewritten: rewritten is None)] = None
    """Where it is asked "Did you mean ...?"."""
    kind: Literal["confirm"] = "confirm"


@dataclass(frozen=True)
class Reject:
    """Do nothing, and say why (or say nothing after silence)."""

    reason: Literal["silence", "not_understood", "unresolved", "too_long", "not_meant", "too_many"]
    """`not_meant`: talk that is no command for this home, or an invention of the recogniser. `too_many`: more commands
    in one sentence than anybody means."""
    interpretation: Interpretation | None = None
    unresolved: Unresolved | None = None
    steps: tuple[Step, ...] = ()
    kind: Literal["reject"] = "reject"


@dataclass(frozen=True)
class Verdict:
    """Ask whether what was done was what was meant; the answer moves nothing."""

    doubt: float
    """Probability that it was not, 0 to 1, by what is known in the moment."""
    kind: Literal["verdict"] = "verdict"


@dataclass(frozen=True)
class Explored:
    """Two things were almost equally likely to be meant, and it was left to chance which is done."""

    propensity: float
    """Probability with which chance takes what it took; above 0, at most 1."""
    instead_of: ResolvedAction
    """What was not done."""
    is_second: bool
    """Whether the less likely one was done, which is never done without exploring."""


@dataclass(frozen=True)
class Act:
    """Do it."""

    steps: tuple[Step, ...]
    then: Ask | Confirm | Verdict | None = None
    """What is asked after it: of several commands those that want a yes, or the one that was not clear; how it went."""
    left_out: tuple[Reject, ...] = ()
    """Of several commands those that cannot be done."""
    explored: Annotated[Explored | None, Field(exclude_if=lambda explored: explored is None)] = None
    rewritten: Annotated[Rewritten | None, Field(exclude_if=lambda rewritten: rewritten is None)] = None
    kind: Literal["act"] = "act"


Decision = Annotated[Act | Ask | Confirm | Reject, Field(discriminator="kind")]


@dataclass(frozen=True)
class Message:
    """One MQTT message that left us."""

    topic: str
    payload: str


@dataclass(frozen=True)
class Outcome:
    """What became of a step."""

    sent: tuple[Message, ...] = ()
    confirmed: bool | None = None
    """True: every target reported the wanted state (or had it already). False: one did not. None: they cannot tell."""
    silent: tuple[str, ...] = ()
    """device_ids that did not report the wanted state in time."""
    refused: str = ""
    """Why nothing was sent, where the publisher refused: offline, forbidden (by the broker), guarded."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """For questions: what was found out (`states` by device_id, `time`, `date`)."""
    moved: Annotated[tuple[str, ...], Field(exclude_if=lambda ids: not ids)] = ()
    """device_ids that were told something."""


@dataclass(frozen=True)
class DoneStep:
    """A step with its outcome; without one it was asked about, refused or never reached."""

    step: Step
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Response:
    """What the assistant says."""

    text: str
    kind: Literal["answer", "question", "confirmation", "refusal", "error"]


@dataclass(frozen=True)
class Failure:
    """Where a turn stopped, known at once. (Where it went wrong is a Diagnosis, known later.)"""

    point: Point
    reason: str
