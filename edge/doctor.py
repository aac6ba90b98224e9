"""World: `edge doctor`: looks at everything the assistant needs and says what to do about what is wrong."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from edge import control
from edge.clock import WallClock
from edge.config import LoadedSettings
from edge.errors import AudioError, BrokerError, ModelError, StoreError
from edge.hearing.sources import Microphone
from edge.home.connecting import exposed
from edge.home.mqtt import MqttBus
from edge.manifest import Manifest
from edge.paths import data_dir, running_socket
from edge.skills.folder import SkillFolder
from edge.speech.sinks import LoudspeakerSink
from edge.store import Store

LISTEN_S = 1.0
QUIET_DBFS = -70.0
"""Even a quiet room is louder than this through a working microphone."""
LOUD_DBFS = -1.0
FALSE_WAKES_MAX = 10
"""More than these in a day annoy."""
DISK_BYTES_MIN = 200_000_000
BUILT = datetime(2026, 11, 1).astimezone()
"""A clock before this stands wrong: the program is younger."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    verdict: Literal["ok", "warn", "fail"]
    found: str
    remedy: str = ""


def examine(loaded: LoadedSettings) -> tuple[Finding, ...]:
    """Look at everything; nothing is changed, and one failure hides no other."""
    return tuple(finding for look in LOOKS for finding in look(loaded))


def _service(loaded: LoadedSettings) -> Iterator[Finding]:
    socket = running_socket()
    if socket and control.is_served(socket):
        status = control.ask(socket, "status")
        yield Finding("service", "ok", f"running (process {status['pid']}), hearing: {status['hearing']}")
        yield _false_wakes(status["false_wakes_today"])
    else:
        yield Finding("service", "ok", "not running; commands work by themselves")


def _false_wakes(many: int) -> Finding:
    found = f"{many} in the last 24 hours"
    if many <= FALSE_WAKES_MAX:
        return Finding("false wakes", "ok", found)
    return Finding("false wakes", "warn", found, "Raise wake.threshold a little, or move the microphone from the TV.")


def _profile(loaded: LoadedSettings) -> Iterator[Finding]:
    source = f", settings from {loaded.file}" if loaded.file else ", no settings file (edge config init writes one)"
    yield Finding("profile", "ok", f"{loaded.profile}{source}")


def _models(loaded: LoadedSettings) -> Iterator[Finding]:
    manifest = Manifest.load()
    needed = manifest.needed(loaded.settings)
    wrong = 0
    for name in needed:
        try:
            manifest.verify(name)
        except ModelError as error:
            wrong += 1
            yield Finding("models", "fail", name, str(error))
    if not wrong:
        yield Finding("models", "ok", f"all {len(needed)} are here and whole")


def _skills(loaded: LoadedSettings) -> Iterator[Finding]:
    folder = loaded.settings.skills.folder
    if folder is None or not folder.is_dir():
        yield Finding("skills", "ok", f"none; skill files would lie in {folder}")
        return
    found = SkillFolder(folder)
    for problem in found.problems():
        yield Finding("skills", "warn", f"{problem.file}:{problem.line}", problem.reason)
    yield Finding("skills", "ok", f"{len(found.skills())} in {folder}")


def _microphone(loaded: LoadedSettings) -> Iterator[Finding]:
    if loaded.settings.audio.input == "none":
        yield Finding("microphone", "ok", "not wanted (audio.input = none)")
        return
    if running_socket():
        yield Finding("microphone", "ok", "the running service has it")
        return
    try:
        level = _level_dbfs(loaded.settings.audio.input_device)
    except AudioError as error:
        yield Finding("microphone", "fail", "cannot be used; Edge goes on as a typed chat", str(error))
        return
    yield Finding("microphone", "ok", "open")
    if level < QUIET_DBFS:
        remedy = "It is muted or turned down: unmute it in alsamixer (F4, capture) or choose audio.input_device."
        yield Finding("level", "warn", f"{level:.0f} dBFS: nothing but silence", remedy)
    elif level > LOUD_DBFS:
        yield Finding("level", "warn", f"{level:.0f} dBFS: it clips", "Turn the capture level down in alsamixer (F4).")
    else:
        yield Finding("level", "ok", f"{level:.0f} dBFS while I listened for a second")


def _level_dbfs(device: str | None) -> float:
    """Root mean square of a second of sound, in dB below full scale."""
    heard: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
    with closing(Microphone(device).open()) as microphone:
        until = time.monotonic() + LISTEN_S
        for block in microphone:
            heard.append(block)
            if time.monotonic() >= until:
                microphone.close()
    samples = np.concatenate(heard).astype(np.float64) / 32_768.0
    return float(10.0 * np.log10(np.mean(samples**2) + 1e-12))


def _loudspeaker(loaded: LoadedSettings) -> Iterator[Finding]:
    if loaded.settings.audio.output == "none":
        yield Finding("loudspeaker", "ok", "not wanted (audio.output = none)")
        return
    try:
        LoudspeakerSink(loaded.settings.audio.output_device).close()
    except AudioError as error:
        yield Finding("loudspeaker", "fail", "cannot be used; replies are written", str(error))
        return
    yield Finding("loudspeaker", "ok", "open")


def _broker(loaded: LoadedSettings) -> Iterator[Finding]:
    mqtt = loaded.settings.mqtt
    if mqtt.url is None:
        yield Finding(
            "broker", "ok", "none in the settings: Edge starts its own, with a demo home (mqtt.url names yours)"
        )
        return
    bus = MqttBus(mqtt, client_id=f"edge-doctor-{os.getpid()}", status_topic=None)
    try:
        bus.connect()
    except BrokerError as error:
        yield Finding("broker", "fail", mqtt.url, str(error))
        return
    finally:
        bus.close()
    yield Finding("broker", "ok", f"{mqtt.url} lets us in")
    for path in exposed(mqtt):
        yield Finding("secrets", "warn", f"every user of this machine may read {path}", f"chmod o-rwx {path}")


def _clock(loaded: LoadedSettings) -> Iterator[Finding]:
    now = datetime.now().astimezone()
    if now < BUILT:
        yield Finding("clock", "fail", f"{now:%Y-%m-%d %H:%M}: in the past", "Set it: sudo timedatectl set-ntp true")
        return
    synchronised = Path("/run/systemd/timesync/synchronized").exists()
    how = "synchronised" if synchronised else "whether it is synchronised cannot be told here"
    yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M %Z}, {how}")


def _disk(loaded: LoadedSettings) -> Iterator[Finding]:
    folder = data_dir()
    free = shutil.disk_usage(folder).free
    if free < DISK_BYTES_MIN:
        yield Finding(
            "disk", "fail", f"{free / 1e6:.0f} MB free at {folder}", "Make room: turns cannot be kept without it."
        )
    else:
        yield Finding("disk", "ok", f"{free / 1e9:.1f} GB free at {folder}")


def _database(loaded: LoadedSettings) -> Iterator[Finding]:
    path = loaded.settings.store.path or data_dir() / "edge.db"
    if not path.exists():
        yield Finding("database", "ok", f"{path} will be made at the first start")
        return
    try:
        with Store.open(path, WallClock(), read_only=True) as store:
            problems = store.problems()
    except StoreError as error:
        yield Finding("database", "fail", str(path), str(error))
        return
    if problems:
        yield Finding("database", "fail", f"{path}: {problems[0]}", "Put a backup in its place, or move it away.")
    else:
        yield Finding("database", "ok", f"{path} is whole")


LOOKS: tuple[Callable[[LoadedSettings], Iterator[Finding]], ...] = (
    _service,
    _profile,
    _models,
    _skills,
    _microphone,
    _loudspeaker,
    _broker,
    _clock,
    _disk,
    _database,
)
