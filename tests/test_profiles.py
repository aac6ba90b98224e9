"""Device profiles: every board gets the one that is made for it."""

from pathlib import Path
from typing import Final

import pytest

from edge.config import load_settings
from edge.errors import ConfigError
from edge.profiles import Machine, load_profiles, profile_for, profile_named

BUDGETS: Final = (
    "[budgets]\nmemory_mb = 1\nidle_core_percent = 1\nstart_s = 1\ncommand_p50_ms = 1\ncommand_p95_ms = 1\n"
    "reply_p50_ms = 1\n"
)


@pytest.mark.parametrize(
    ("model", "machine", "expected"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0", "aarch64", "pi5"),
        ("Raspberry Pi 500 Rev 1.0", "aarch64", "pi5"),
        ("Raspberry Pi Compute Module 5 Rev 1.0", "aarch64", "pi5"),
        ("Raspberry Pi 4 Model B Rev 1.4", "aarch64", "pi4"),
        ("Raspberry Pi 400 Rev 1.0", "aarch64", "pi4"),
        ("Raspberry Pi Compute Module 4 Rev 1.1", "aarch64", "pi4"),
        ("Raspberry Pi 3 Model B Plus Rev 1.3", "aarch64", "pi4"),
        ("Radxa ROCK 5B", "aarch64", "pi4"),
        ("", "arm64", "pi4"),
        ("", "x86_64", "x86"),
        ("", "AMD64", "x86"),
        ("", "riscv64", "pi4"),
        ("", "", "pi4"),
    ],
)
def test_each_machine_gets_its_profile(model: str, machine: str, expected: str) -> None:
    """Pis by their model, PCs by their processor, and what nobody knows is taken for slow."""
    assert profile_for(Machine(model, machine), load_profiles()).name == expected


def test_this_machine_has_a_profile() -> None:
    """Whatever runs the tests can be told apart."""
    assert profile_for(Machine.this(), load_profiles()).name in {"pi4", "pi5", "x86"}


@pytest.mark.parametrize("profile", [profile.name for profile in load_profiles()])
def test_every_profile_makes_valid_settings(profile: str) -> None:
    """What a profile sets are settings that exist, in their bounds, and its p95 is not below its p50."""
    loaded = load_settings(profile=profile, environ={})
    assert loaded.profile.name == profile
    assert loaded.profile.description
    assert 0 < loaded.profile.budgets.command_p50_ms <= loaded.profile.budgets.command_p95_ms


def test_an_unknown_profile_names_the_nearest() -> None:
    """A mistyped name is answered with the nearest and with all there are."""
    with pytest.raises(ConfigError, match=r"'pi_5'; the nearest is 'pi5'\. There are: pi4, pi5, x86\."):
        profile_named("pi_5", load_profiles())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("description = 'x'\n[match]\n" + BUDGETS + "memmory = 1\n", "wrong at budgets.memmory"),
        ("[match]\n" + BUDGETS, "wrong at description"),
        ("description = 'x'\n[match]\nmodel = 'Pi'\n" + BUDGETS, "wrong at match.model"),
        ("description = ", "cannot be read"),
    ],
)
def test_a_broken_profile_is_explained(tmp_path: Path, text: str, said: str) -> None:
    """A mistake in a profile is told with the file and the place."""
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigError, match=rf"mine\.toml.*{said}"):
        load_profiles(tmp_path)


def test_a_folder_without_profiles_is_an_error(tmp_path: Path) -> None:
    """An installation that lost its profiles says so."""
    with pytest.raises(ConfigError, match="no device profiles"):
        load_profiles(tmp_path)
