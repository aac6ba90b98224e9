"""What a person changes about devices in words: names, rooms, what is hidden or guarded. Kept in the home file."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from edge.errors import ConfigError
from edge.home.devices import slug
from edge.home.home_edit import Additions, Entry
from edge.home.picture import HomePicture
from edge.knowledge import Area, Device, HomeMap
from edge.text import clean, normal

NAME_MAX: Final = 120


@dataclass(frozen=True)
class Hidden:
    """A device that the home file hides."""

    device_id: str
    name: str


class Arranging:
    """Changes the home file, and has the home seen with the change at once.

    Devices are given by device_id, or by any of their names where no other has it. Every method returns in a sentence
    what is so now, and raises `ConfigError` where nothing was changed.
    """

    def __init__(self, picture: HomePicture, additions: Additions) -> None:
        self._picture = picture
        self._additions = additions

    def hidden(self) -> tuple[Hidden, ...]:
        """What the home file hides."""
        home_file = self._additions.load()
        ids = (device_id for device_id, entry in home_file.devices.items() if entry.hidden)
        return tuple(Hidden(device_id, home_file.device_name(device_id)) for device_id in ids)

    def rename(self, device: str, name: str) -> str:
        """Another name."""
        found, name = self._device(device), _checked_name(name)
        self._refuse_namesake(found, name)
        self._change(found.device_id, name=name)
        return f'{found.device_id} is called "{name}" now.'

    def alias(self, device: str, names: Sequence[str], *, remove: bool = False) -> str:
        """More names, or fewer."""
        found = self._device(device)
        given: dict[str, str] = {}
        for name in names:
            given.setdefault(normal(name), _checked_name(name))
        known = {normal(alias): alias for alias in found.aliases}
        if remove:
            if unknown := [name for key, name in given.items() if key not in known]:
                has = ", ".join(f'"{alias}"' for alias in found.aliases) or "none"
                raise ConfigError(f'{found.device_id} has no alias "{unknown[0]}". Its aliases: {has}.')
            aliases = [alias for key, alias in known.items() if key not in given]
        else:
            for name in given.values():
                self._refuse_namesake(found, name)
            aliases = [*known.values(), *(name for key, name in given.items() if key not in known)]
        self._change(found.device_id, aliases=aliases)
        called = ", ".join(f'"{name}"' for name in (found.name, *aliases))
        return f"{found.device_id} answers to {called} now."

    def room(self, device: str, name: str) -> str:
        """Another room; one that the home does not have yet is made."""
        found, home = self._device(device), self._picture.home_map
        known = home.area_called(clean(name))
        area = known or _new_area(_checked_name(name))
        self._refuse_namesake(found, found.name, area.area_id)
        named = {"name": area.name} if area.name != area.area_id.replace("_", " ") else {}
        changes = [Entry("area", area.area_id, named), _entry(found.device_id, area=area.area_id)]
        if (left := found.area) is not None and left != area.area_id and self._is_of_no_use_without(found, left):
            changes.append(Entry("area", left, None))
        self._picture.set_additions(self._additions.change(changes))
        said = f"{found.device_id} is in the {area.name} now."
        return said if known else f"{said} {_about_new_room(area, home)}"

    def hide(self, device: str) -> str:
        """Never spoken of any more."""
        found = self._device(device)
        self._change(found.device_id, hidden=True)
        return f"{found.device_id} is hidden now. To have it back: edge devices show {found.device_id}"

    def show(self, device: str) -> str:
        """Spoken of again."""
        hidden = self.hidden()
        wanted = normal(device)
        found = [each for each in hidden if device == each.device_id or wanted == normal(each.name)]
        if len(found) != 1:
            listed = ", ".join(each.device_id for each in found or hidden) or "nothing"
            raise ConfigError(f'No one hidden device is called "{clean(device)}". Hidden are: {listed}.')
        self._change(found[0].device_id, hidden=None)
        return f"{found[0].device_id} is spoken of again."

    def guard(self, device: str, *, guarded: bool = True) -> str:
        """Whether it moves only after a yes, or the PIN."""
        found = self._device(device)
        self._change(found.device_id, guarded=guarded)
        how = "moves only after a spoken yes, or the PIN, from now on" if guarded else "is free to move from now on"
        return f"{found.device_id} {how}."

    def _is_of_no_use_without(self, device: Device, area: str) -> bool:
        """A misspelt room, say: it was made for this device alone."""
        others = (each.area for each in self._picture.home_map.devices if each is not device)
        return area not in others and self._additions.made_room(area)

    def _change(self, device_id: str, **keys: Any) -> None:
        self._picture.set_additions(self._additions.change([_entry(device_id, **keys)]))

    def _device(self, given: str) -> Device:
        """The one device that is meant."""
        home, wanted = self._picture.home_map, normal(given)
        if given in home.device:
            return home.device[given]
        named = [each for each in home.devices if wanted in {normal(name) for name in (each.name, *each.aliases)}]
        if len(named) == 1:
            return named[0]
        if named:
            ids = ", ".join(each.device_id for each in named)
            raise ConfigError(f'Several devices are called "{clean(given)}": {ids}. Give one of these ids.')
        known = {key: each.device_id for each in home.devices for key in (each.device_id, normal(each.name))}
        near = [known[key] for key in get_close_matches(wanted, known, n=3, cutoff=0.6)]
        hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "`edge devices` lists what there is."
        raise ConfigError(f'No device is called "{clean(given)}". {hint}')

    def _refuse_namesake(self, device: Device, name: str, area: str | None = None) -> None:
        area = device.area if area is None else area
        for other in self._picture.home_map.devices:
            alike = (other.domain, other.area) == (device.domain, area) and other.device_id != device.device_id
            if alike and normal(name) in {normal(each) for each in (other.name, *other.aliases)}:
                raise ConfigError(
                    f'{other.device_id} in the same room is called "{name}" too, and nobody could tell them apart. '
                    "Give one of them another name."
                )


def _entry(device_id: str, **keys: Any) -> Entry:
    domain, _, rest = device_id.partition(".")
    return Entry(domain, rest, keys)


def _checked_name(text: str) -> str:
    name = clean(text)
    if not 0 < len(name) <= NAME_MAX or not slug(name):
        raise ConfigError(f"A name has 1 to {NAME_MAX} characters, and letters or digits among them.")
    return name


def _new_area(name: str) -> Area:
    return Area(slug(name), name)


def _about_new_room(area: Area, home: HomeMap) -> str:
    """A room that is only misspelt should not go unnoticed."""
    names = sorted((each.name for each in home.areas), key=str.casefold)
    near = get_close_matches(area.name.casefold(), [name.casefold() for name in names], n=1, cutoff=0.7)
    others = f"Did you mean {near[0]}?" if near else f"The rooms so far: {', '.join(names) or 'none'}."
    return f"That is a new room. {others}"
