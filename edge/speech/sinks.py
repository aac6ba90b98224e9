"""World: where the sound of a reply goes: a loudspeaker, a WAV file, or nowhere."""

import time
import wave
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.clock import Clock
from edge.errors import AudioError
from edge.speech.playback import Playback, Samples

_LATENCY_S: Final = 0.1
"""What the loudspeaker's buffer holds. A reply begins as soon with a long one, and its end is dropped when stopped."""

_AHEAD_S: Final = 2.0
"""How far making runs ahead of playing: a reply that is cut off has then cost little for nothing."""

_STALLED_S: Final = 3.0
"""A loudspeaker that took no sound for so long is gone."""


class Sink(Protocol):
    """Plays one reply at a time."""

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        """Play the pieces as they come, until the last sample has sounded or `playback` is cancelled.

        Tells `playback` what went out. Raises AudioError when it cannot be played; the next reply may work again.
        """

    def close(self) -> None:
        """Nothing more will be played."""


class NullSink:
    """Nobody listens. With a clock it takes the time that the sound would take, without one it takes none."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        for block in _blocks(pieces, sample_rate // 50):
            if playback.cancelled.is_set():
                return
            playback.advance(block.size, sample_rate)
            if self._clock:
                self._clock.wait(playback.cancelled.is_set, block.size / sample_rate)

    def close(self) -> None:
        """Nothing to do."""


class WavSink:
    """A WAV file, 16 bit mono, with all replies one after the other; written as fast as they are made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._wave: wave.Wave_write | None = None

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        try:
            sound = self._opened(sample_rate)
            for piece in _resampled(pieces, sample_rate, sound.getframerate()):
                if playback.cancelled.is_set():
                    return
                sound.writeframes(piece.tobytes())
                playback.advance(piece.size, sound.getframerate())
        except OSError as error:
            raise self._not_written(error) from error

    def close(self) -> None:
        """Complete the file; raises AudioError where that fails."""
        sound, self._wave = self._wave, None
        file, self._file = self._file, None
        try:
            with file or nullcontext():
                if sound:
                    sound.close()
        except OSError as error:
            raise self._not_written(error) from error

    def _opened(self, sample_rate: int) -> wave.Wave_write:
        if self._wave is None:
            self._file = self._path.open("wb")
            self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - stays open for the next reply
            self._wave.setparams((1, 2, sample_rate, 0, "NONE", "not compressed"))
        return self._wave

    def _not_written(self, error: OSError) -> AudioError:
        return AudioError(f"The reply cannot be written to {self._path}: {error.strerror}. Choose another place.")


class LoudspeakerSink:
    """A loudspeaker by name or number, or the system's default; raises AudioError when there is none.

    The stream is opened for each reply (2-8 ms, while the first piece is being made): between replies nothing runs,
    nothing hums, other programs may have the device, and one that was plugged in again is found.
    """

    def __init__(self, device: str | None = None) -> None:
        self._sounddevice = _sounddevice()
        self._device = int(device) if device and device.isdecimal() else device or None
        self._default_rate = int(self._described()["default_samplerate"])

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        rate, channels = self._format(sample_rate)
        feed = _Feed(playback, rate, self._sounddevice.CallbackAbort)
        with self._stream(feed, rate, channels) as stream:
            for piece in _resampled(pieces, sample_rate, rate):
                feed.put(piece)
                if not feed.began:
                    feed.began = True
                    stream.start()
                feed.wait(stream, lambda: feed.waiting <= _AHEAD_S * rate)
                if playback.cancelled.is_set():
                    return
            if feed.began:  # PortAudio drops what ALSA still holds at the end: that shall be silence
                feed.wait(stream, lambda: feed.quiet >= stream.latency * rate)

    def close(self) -> None:
        """Nothing to do: between replies nothing is open."""

    def _described(self) -> dict[str, Any]:
        sounddevice = self._sounddevice
        try:
            return dict(sounddevice.query_devices(self._device, "output"))
        except (ValueError, sounddevice.PortAudioError) as error:
            names = [d["name"] for d in sounddevice.query_devices() if d["max_output_channels"] > 0]
            if self._device is None or not names:
                raise AudioError("No loudspeaker was found. Connect one, and see that `aplay -l` lists it.") from error
            listed = ", ".join(names)
            raise AudioError(
                f"No loudspeaker is called {self._device!r}. Set audio.output_device to one of these: {listed}."
            ) from error

    def _format(self, sample_rate: int) -> tuple[int, int]:
        """Rate and channels that the device takes, the voice's own and mono if it can."""
        sounddevice = self._sounddevice
        for channels in (1, 2):
            for rate in (sample_rate, self._default_rate):
                try:
                    sounddevice.check_output_settings(self._device, channels, "int16", samplerate=rate)
                except sounddevice.PortAudioError as error:
                    refusal = error
                else:
                    return rate, channels
        raise _refused(refusal)

    @contextmanager
    def _stream(self, feed: "_Feed", rate: int, channels: int) -> Iterator[Any]:
        sounddevice = self._sounddevice
        try:
            stream = sounddevice.OutputStream(
                device=self._device,
                samplerate=rate,
                channels=channels,
                dtype="int16",
                latency=_LATENCY_S,
                callback=feed.fill,
            )
            try:
                yield stream
            finally:
                stream.abort()
                stream.close()
        except sounddevice.PortAudioError as error:
            raise _refused(error) from error


class LateLoudspeaker:
    """A loudspeaker that may not be there yet: it is looked for anew at each reply until it is found."""

    def __init__(self, device: str | None = None) -> None:
        self._device = device
        self._found: LoudspeakerSink | None = None

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        if self._found is None:
            self._found = LoudspeakerSink(self._device)
        self._found.play(pieces, sample_rate, playback)

    def close(self) -> None:
        """Nothing to do: between replies nothing is open."""


class _Feed:
    """The sound between the thread that makes it and that of the loudspeaker, which never waits."""

    def __init__(self, playback: Playback, rate: int, abort: type[Exception]) -> None:
        self._playback = playback
        self._rate = rate
        self._abort = abort
        self._pieces: deque[Samples] = deque()
        self._put = self._taken = self._calls = 0
        self.began = False
        self.quiet = 0
        """Samples of silence since the last sound."""

    @property
    def waiting(self) -> int:
        """Samples that were put and not yet taken."""
        return self._put - self._taken

    def put(self, piece: Samples) -> None:
        self._pieces.append(piece)
        self._put += piece.size

    def wait(self, stream: Any, condition: Callable[[], bool]) -> None:
        """Until `condition` holds or the reply is cancelled; raises AudioError when no sound is taken any more."""
        calls, since = self._calls, time.monotonic()
        while not condition() and not self._playback.cancelled.wait(0.01):
            now = time.monotonic()
            if calls != self._calls:
                calls, since = self._calls, now
            elif not stream.active or now - since > _STALLED_S:
                raise AudioError("The loudspeaker was lost while it played: see whether it is still connected.")

    def fill(self, out: NDArray[np.int16], frames: int, _time: Any, _status: Any) -> None:
        """For PortAudio: the next `frames` samples into `out`, shape (frames, channels)."""
        self._calls += 1
        out.fill(0)
        if self._playback.cancelled.is_set():
            raise self._abort
        at = 0
        while at < frames and self._pieces:
            piece = self._pieces[0]
            part = piece[: frames - at]
            out[at : at + part.size] = part[:, np.newaxis]
            at += part.size
            if part.size == piece.size:
                self._pieces.popleft()
            else:
                self._pieces[0] = piece[part.size :]
        self._taken += at
        self.quiet = 0 if at else self.quiet + frames
        self._playback.advance(at, self._rate)


def _sounddevice() -> Any:
    """The module; importing it starts PortAudio."""
    try:
        import sounddevice  # noqa: PLC0415 - needs a system library that a typed chat does without
    except OSError as error:
        raise AudioError("PortAudio is not installed. Type: sudo apt-get install libportaudio2") from error
    return sounddevice


def _refused(error: Exception) -> AudioError:
    reason = str(error).split(" [PaErrorCode")[0]
    return AudioError(f"The loudspeaker cannot be used ({reason}). Is another program using it? `aplay -l` lists them.")


def _resampled(pieces: Iterable[Samples], rate: int, wanted_rate: int) -> Iterator[Samples]:
    if rate == wanted_rate:
        yield from pieces
        return
    stream = soxr.ResampleStream(rate, wanted_rate, 1, dtype="int16")
    for piece in pieces:
        yield stream.resample_chunk(piece)
    yield stream.resample_chunk(np.empty(0, dtype=np.int16), last=True)


def _blocks(pieces: Iterable[Samples], size: int) -> Iterator[Samples]:
    for piece in pieces:
        for begin in range(0, piece.size, size):
            yield piece[begin : begin + size]
