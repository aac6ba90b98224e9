"""The words and sentences of `english.toml`."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def english_words() -> dict[str, Any]:
    """The file, read once."""
    return tomllib.loads(resources.files(__package__).joinpath("english.toml").read_text(encoding="utf-8"))
