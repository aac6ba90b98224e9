"""The words and sentences of the files `english*.toml`, and those that the model rung was taught."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from edge.errors import ModelError
from edge.nlu.labels import NONE


@cache
def english_words() -> dict[str, Any]:
    """All files as one, read once."""
    plain, leaning, agenda = (
        tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
        for name in ("english.toml", "english_context.toml", "english_agenda.toml")
    )
    return {
        **plain,
        "rules": {**plain["rules"], **leaning["rules"], **agenda["rules"]},
        "say": [*plain["say"], *leaning["say"], *agenda["say"]],
        "lists": leaning["lists"],
        "ringing": agenda["ringing"],
    }


def taught(folder: Path) -> tuple[str, ...]:
    """The sentences in models/nlu that were written for the model rung, without talk. Raises ModelError."""
    file = folder / "sentences.toml"
    try:
        by_class: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The file {file} is missing or damaged. Install Edge again.") from error
    return tuple(sentence for name, some in by_class.items() if name != NONE for sentence in some)
