"""How soon it falls silent when somebody says the wake word while it speaks, and whether its own voice wakes it.

What it says comes back to its own ears, as in a room without echo cancellation.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from edge.bench.assistant import PATIENCE_S, Answers, bench_assistant
from edge.bench.commands import WAKE, last_voiced, said
from edge.bench.figures import machine, percentiles, stage_table
from edge.bench.room import EchoingRoom, EchoSink
from edge.records import Utterance
from edge.runtime import Runtime
from edge.settings import Settings
from edge.voice import Listening

ECHO = 0.3
"""Of the reply's amplitude at the microphone: 10 dB below the person."""

SPEAKS_S = 1.0
"""So long it has been speaking when it is interrupted."""
