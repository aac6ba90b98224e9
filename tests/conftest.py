"""What every test may use: the private PulseAudio, and a data directory of its own."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.pulse"]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the data, settings or socket of the person who runs it."""
    monkeypatch.setenv("EDGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
