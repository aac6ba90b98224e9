"""World: where sound comes from. Every source iterates over blocks of int16 mono at 16 kHz, 80 ms each."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.errors import AudioError
from edge.hearing.wav import RATE, read_wav

BLOCK_SAMPLES = 1_280
"""One frame of the wake detector: waking up more often costs more than the sooner sound is worth."""
QUEUE_BLOCKS = 50
"""Four seconds: so late may the rest of the program be."""
_LONGEST_PAUSE_S = 30.0

log = logging.getLogger(__name__)

Sound = NDArray[np.int16]
Push = Callable[[Sound], None]


class Source(Protocol):
    """Sound, block by block, until it is over or closed (from any thread)."""

    def __iter__(self) -> Iterator[Sound]: ...

    def close(self) -> None: ...


class WavFile:
    """A WAV file of any usual kind; with `realtime` at the pace of a microphone. Raises AudioError at once."""

    def __init__(self, path: Path, realtime: bool = False) -> None:
        self._samples = read_wav(path)
        self._realtime = realtime
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Sound]:
        began = time.monotonic()
        for start in range(0, self._samples.size, BLOCK_SAMPLES):
            block = self._samples[start : start + BLOCK_SAMPLES]
            due = began + (start + block.size) / RATE if self._realtime else 0.0
            if self._closed.wait(max(0.0, due - time.monotonic())):
                return
            yield block

    def close(self) -> None:
        """End the iteration."""
        self._closed.set()


class PcmStream:
    """Raw sound without a header (signed 16-bit little-endian mono, `rate` Hz) from a pipe, until it ends."""

    def __init__(self, stream: BinaryIO, rate: int = RATE) -> None:
        self._stream = stream
        self._converter = RateConverter(rate)
        self._block_bytes = 2 * max(1, BLOCK_SAMPLES * rate // RATE)
        self._closed = False

    def __iter__(self) -> Iterator[Sound]:
        while not self._closed and (data := self._stream.read(self._block_bytes)):
            yield self._converter.convert(np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2"))

    def close(self) -> None:
        """End the iteration after the block that is being waited for."""
        self._closed = True


class InputStream(Protocol):
    """A running recording that pushes mono blocks of `rate` Hz."""

    rate: int

    def close(self) -> None: ...


class Microphone:
    """The microphone; a `with` block opens and closes it.

    A stream that brings nothing for `stall_s` (it was unplugged, the sound server restarted) is opened again, with
    growing pauses; meanwhile the iteration waits. One that was never opened is opened by the iteration in the same way.
    """

    def __init__(
        self,
        device: str | None = None,
        stall_s: float = 2.0,
        open_stream: Callable[[str | None, Push], InputStream] | None = None,
    ) -> None:
        self._device = device
        self._stall_s = stall_s
        self._open_stream = open_stream or open_input
        self._blocks: queue.Queue[Sound] = queue.Queue(QUEUE_BLOCKS)
        self._closed = threading.Event()
        self._stream: InputStream | None = None

    def open(self) -> Self:
        """Begin to record. Raises AudioError that says what to do."""
        self._stream = self._open_stream(self._device, self._push)
        return self

    def close(self) -> None:
        """Stop recording and end the iteration."""
        self._closed.set()
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Sound]:
        if self._stream is None:
            self._stream = self._reopened()
        while self._stream is not None:
            yield from self._until_stalled(RateConverter(self._stream.rate))
            self._stream.close()
            self._stream = self._reopened()

    def _push(self, block: Sound) -> None:
        """Called by the sound card's thread, which must never wait: when the reader is late the oldest block goes."""
        if self._blocks.full():
            self._blocks.get_nowait()
        self._blocks.put_nowait(block)

    def _until_stalled(self, converter: "RateConverter") -> Iterator[Sound]:
        while not self._closed.is_set():
            try:
                block = self._blocks.get(timeout=self._stall_s)
            except queue.Empty:
                return
            yield converter.convert(block)

    def _reopened(self) -> InputStream | None:
        """The stream, once it can be opened again; None after `close`."""
        if not self._closed.is_set():
            log.warning("The microphone brings no sound; opening it.")
        pause_s = self._stall_s / 2
        while not self._closed.wait(pause_s):
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                return self._open_stream(self._device, self._push)
            except AudioError as error:
                log.warning("%s Trying again in %.0f s.", error, pause_s)
        return None


class RateConverter:
    """Turns a stream of blocks of one rate into blocks at 16 kHz."""

    def __init__(self, rate: int) -> None:
        if not 1_000 <= rate <= 768_000:
            raise AudioError(f"{rate} Hz is no usable sample rate. Use one between 1000 and 768000.")
        self._stream = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="int16", quality="MQ")

    def convert(self, block: Sound) -> Sound:
        """The next block at 16 kHz; lengths vary by a few samples, and the first blocks may be empty."""
        return block if self._stream is None else np.asarray(self._stream.resample_chunk(block), dtype=np.int16)


class _PortAudioStream:
    """One running PortAudio stream; of several channels the first is heard."""

    def __init__(self, sounddevice: Any, device: int | None, rate: int, channels: int, push: Push) -> None:
        self.rate = rate
        self._stream = sounddevice.InputStream(
            device=device,
            samplerate=rate,
            channels=channels,
            dtype="int16",
            blocksize=BLOCK_SAMPLES * rate // RATE,
            callback=lambda data, *_: push(data[:, 0].copy()),
        )
        self._stream.start()

    def close(self) -> None:
        self._stream.close(ignore_errors=True)


def open_input(device: str | None, push: Push) -> InputStream:
    """Record from the named or numbered device, or the default one. Raises AudioError that says what to do."""
    try:
        import sounddevice  # noqa: PLC0415 - needs a system library that a typed chat does without
    except OSError as error:
        remedy = "install libportaudio2: sudo apt-get install libportaudio2"
        raise AudioError(f"The sound library is missing: {remedy}") from error
    try:
        found = sounddevice.query_devices(int(device) if device and device.isdecimal() else device, "input")
    except (ValueError, sounddevice.PortAudioError) as error:
        who, remedy = "was found", "Plug one in, or type your commands: edge chat"
        if device:
            who, remedy = f"is called {device}", "`python -m sounddevice` lists those there are."
        raise AudioError(f"No microphone {who}. {remedy}") from error
    index, native = int(found["index"]) if device else None, int(found["default_samplerate"])
    for rate, channels in ((RATE, 1), (native, 1), (native, 2)):
        try:
            return _PortAudioStream(sounddevice, index, rate, channels, push)
        except sounddevice.PortAudioError as error:
            refused = error
    raise AudioError(
        f"The microphone {found['name']} does not open ({refused.args[0]}). "
        "Close the program that uses it, or choose another one: audio.input_device in edge.toml."
    ) from refused
