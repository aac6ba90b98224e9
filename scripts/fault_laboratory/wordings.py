"""World: reads what the laboratory says itself: ways to ask for one thing, over the devices of its homes."""

import tomllib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from edge.bench.nlu_expected import Outcome
from edge.knowledge import Device, HomeMap
from fault_laboratory.goals import Goal, Said

FILE: Final = Path(__file__).with_name("wordings.toml")

_VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    "brightness": (20, 35, 50, 75),
    "color": ("red", "green", "blue", "yellow"),
    "temperature": (17, 19, 22, 24),
}
_NEEDED: Final = {"temperature": "target_temperature"}

_KINDS: Final = {"audiobook": "audiobook", "film": "film", "record": "album"}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def homes_that_became(variant: str, home: str) -> Mapping[str, str]:
    """By device_id, its new name (`renamed`) or its new room (`moved`)."""
    changes: Mapping[str, str] = _tables()[variant][home]
    return changes


def half(text: str) -> int:
    """0 or 1: which half of the sentences it is in. Nothing of one half is said in the other."""
    return zlib.crc32(b"laboratory " + text.encode()) & 1


def said_of(home: str, home_map: HomeMap) -> Iterator[Said]:
    """Every wording for every device of a home that it fits; those for one goal have the same goal."""
    names = [device.name.casefold() for device in home_map.devices]
    for device in home_map.devices:
        twins = names.count(device.name.casefold()) > 1
        room = home_map.area[device.area].name if device.area else "living room"
        for want, table in _tables().items():
            if device.domain in table.get("domains", ()):
                yield from _said(home, device, want, table["say"], room if twins else "")


def namesakes_of(home: str, home_map: HomeMap) -> Iterator[Said]:
    """Of devices that share their name, wordings that name no room, said where another of that name is."""
    for device in home_map.devices:
        twins = [
            each for each in home_map.devices if each.name == device.name and each.area and each.area != device.area
        ]
        for twin in twins:
            room = home_map.area[str(twin.area)].name
            for want in ("turn_on", "turn_off", "brightness"):
                table = _tables()[want]
                if device.domain in table["domains"]:
                    yield from _said(home, device, want, table["say"], room, is_there=False)


def _said(
    home: str, device: Device, want: str, wordings: tuple[str, ...], room: str, *, is_there: bool = True
) -> Iterator[Said]:
    values = _fillings(device, want)
    for value, wanted in values:
        filled = [wording.replace("{name}", device.name.lower()) for wording in wordings]
        filled = [text.replace("{value}", str(value)).replace("{title}", str(value)) for text in filled]
        command = {"brightness": "turn_on", "color": "turn_on", "temperature": "set_temperature"}.get(want, want)
        command = "play_media" if want in _KINDS else command
        acts = Outcome("act", command, frozenset({device.device_id}), values=wanted)
        right = (replace(acts, does="confirm"), acts) if device.tier == "guarded" else (acts,)
        goal = Goal(right, filled[0])
        origin = ("twin" if room else "wording") if is_there else "namesake"
        setting = "busy" if want in {"turn_off", "return_to_base"} else "dark"
        for template, text in zip(wordings, filled, strict=True):
            place = room or "living room"
            yield Said(
                text,
                goal,
                f"{origin}:{template}",
                home,
                setting,
                place,
                screen=want == "film",
                name=device.name.lower(),
            )


def _fillings(device: Device, want: str) -> list[tuple[Any, Mapping[str, Any] | None]]:
    """What stands in the sentence, and the values that must be set for it."""
    if want in _KINDS:
        return [
            (item.title.lower(), {"title": item.title, "media_kind": item.kind} | ({"by": item.by} if item.by else {}))
            for item in device.catalogue
            if item.kind == _KINDS[want]
        ]
    if want not in _VALUES:
        return [("", None)]
    if _NEEDED.get(want, want) not in device.capabilities:
        return []
    return [(value, {want: value}) for value in _VALUES[want]]
