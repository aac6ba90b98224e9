"""Commands that talk: run, chat, say, hear."""

import base64
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from edge.cli.door import console, door, print_json
from edge.errors import AudioError
from edge.hearing.wav import read_wav, resample, to_int16
from edge.service import Chat, Service
from edge.voice_models import save_speech

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
Room = Annotated[
    str | None, typer.Option("--room", metavar="ROOM", help="Room in which you are, as your home names it.")
]
QUIET = "(silence)"


def run(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="KIND", help="microphone, none, pcm (raw 16-bit mono on stdin), or a WAV file."
        ),
    ] = None,
    sink: Annotated[
        str | None, typer.Option("--sink", metavar="KIND", help="loudspeaker, none, or a WAV file that is written.")
    ] = None,
    rate: Annotated[int, typer.Option("--rate", metavar="HZ", help="Sample rate of --source pcm.")] = 16_000,
    say_wake: Annotated[
        bool, typer.Option("--wake/--no-wake", help="Whether a WAV or PCM source wants the wake word.")
    ] = True,
) -> None:
    """Start the assistant: it listens for the wake word, acts and answers, until Ctrl-C.

    Without a broker in the settings it starts one of its own on this machine, with a demo home to try. Without a
    microphone or loudspeaker it says so and goes on with typed text.
    """
    Service(door(context).load().settings, source=source, sink=sink, rate=rate, wants_wake=say_wake).run()


def chat(context: typer.Context, room: Room = None) -> None:
    """Type to the assistant, line by line; leave with Ctrl-D.

    Speaks to the running service, or starts by itself: with your broker, or with the demo home.
    """
    Chat(door(context).load().settings, room).run()


def say(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            help='What you say, in quotes: "turn on the kitchen light". A single - reads it from standard input.'
        ),
    ],
    room: Room = None,
    speaker: Annotated[str, typer.Option("--speaker", metavar="NAME", help="Who is speaking.")] = "unknown",
    wav: Annotated[
        Path | None, typer.Option("--wav", metavar="FILE", help="Also speak the reply into this WAV file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say one thing in writing and print the reply."""
    if text == "-":
        text = sys.stdin.read()
    turn = door(context).do("say", text=text, room=room, speaker=speaker)
    if wav:
        save_speech(door(context).load().settings, turn["response"]["text"], wav)
    _show_reply(turn, as_json)


def hear(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="WAV file of any usual kind; - reads raw 16-bit mono samples from stdin.")
    ],
    room: Room = None,
    rate: Annotated[int, typer.Option("--rate", metavar="HZ", help="Sample rate of raw samples on stdin.")] = 16_000,
    wav: Annotated[
        Path | None, typer.Option("--wav", metavar="FILE", help="Also speak the reply into this WAV file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hear a recording, with or without the wake word in front, and print what was understood and done."""
    samples = _raw_samples(rate) if str(file) == "-" else read_wav(file)
    encoded = base64.b64encode(samples.astype("<i2").tobytes()).decode()
    turns = door(context).do("hear", voice=True, samples=encoded, room=room)
    if wav and turns:
        save_speech(door(context).load().settings, turns[-1]["response"]["text"], wav)
    if as_json:
        print_json(turns)
        return
    for turn in turns:
        console.print("heard:", turn["transcript"]["text"] or QUIET, style="dim", markup=False, highlight=False)
        _show_reply(turn, as_json=False)


def _raw_samples(rate: int) -> NDArray[np.int16]:
    raw = sys.stdin.buffer.read()
    samples = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(np.float32) / 32_768.0
    if samples.size == 0:
        raise AudioError("No samples came on standard input. Try: arecord -f S16_LE -r 16000 -d 4 -t raw | edge hear -")
    return to_int16(resample(samples, rate))


def _show_reply(turn: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(turn)
        return
    console.print(turn["response"]["text"] or QUIET, markup=False, highlight=False)
