"""World: figures and the machine they came from."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.table import Table


def percentiles(values: Sequence[float], *which: float) -> tuple[float, ...]:
    """The percentiles, each between the two nearest values; of no values they are not a number."""
    if not values:
        return tuple(float("nan") for _ in which)
    return tuple(float(value) for value in np.percentile(values, which))


def stage_table(stages: Mapping[str, Sequence[float]], unit: str = "ms") -> Table:
    """Median, 95th percentile and greatest value of every stage, with how many there were."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in (f"p50 {unit}", f"p95 {unit}", f"most {unit}", "of"):
        table.add_column(heading, justify="right")
    for name, values in stages.items():
        figures = [f"{value:.0f}" for value in percentiles(values, 50, 95, 100)]
        table.add_row(name, *figures, str(len(values)))
    return table


def machine() -> str:
    """Processor, cores, memory, system and Python, on one line."""
    parts = (
        _processor(),
        f"{len(os.sched_getaffinity(0))} cores",
        f"{_kilobytes('/proc/meminfo', 'MemTotal') / 1e6:.1f} GB",
        _system(),
        f"{platform.machine()}",
        f"Python {platform.python_version()}",
    )
    return ", ".join(parts)


def memory_mb() -> float:
    """What this process has in memory now (resident set)."""
    return _kilobytes("/proc/self/status", "VmRSS") / 1024.0


def memory_peak_mb() -> float:
    """The most that this process has had in memory."""
    return _kilobytes("/proc/self/status", "VmHWM") / 1024.0


def seconds_since_start() -> float:
    """How long this process lives, its interpreter's start included."""
    ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    up_s = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])
    return up_s - ticks / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    board = Path("/proc/device-tree/model")
    if board.is_file():
        return board.read_text(encoding="utf-8").strip("\0\n ")
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform(terse=True)


def _kilobytes(file: str, field: str) -> float:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
