"""World: the home file, a TOML file that names rooms and devices; `demo.toml` beside this file explains each key.

It is what a simulated home is made of, and what a real home's own announcements are completed with.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.errors import ConfigError
from edge.home.configs import DOMAINS
from edge.home.declaring import declared, mistakes_in
from edge.home.discovery import Announcement
from edge.home.kinds.alarm import ALARM_STATES
from edge.home.kinds.media import MEDIA_STATES
from edge.home.kinds.vacuum import MOWER_STATES, VACUUM_STATES
from edge.home.problems import Problem
from edge.text import clean
from edge.toml_lines import lines_of

MAX_BYTES: Final = 1024 * 1024
_SLUG: Final = re.compile(r"\w+")

CAPABILITIES: Final[Mapping[str, frozenset[str]]] = {
    "light": frozenset({"brightness", "color", "color_temp", "effect"}),
    **dict.fromkeys(("cover", "valve"), frozenset({"position"})),
    "fan": frozenset({"speed", "oscillating", "preset"}),
    **dict.fromkeys(("climate", "water_heater"), frozenset({"target_temperature"})),
    "humidifier": frozenset({"target_humidity"}),
}
"""What a device of the simulated home may be able to do beyond its domain's minimum."""

ATTRIBUTES: Final = frozenset(
    {"brightness", "color", "color_temp", "effect", "position", "speed", "fan_speed", "oscillating", "preset"}
    | {"temperature", "current_temperature", "humidity", "volume", "title", "media_kind", "by"}
)
"""What a device may tell beside its state."""

STATES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("light", "switch", "fan", "binary_sensor", "humidifier", "siren"), frozenset({"on", "off"})),
    **dict.fromkeys(("cover", "valve"), frozenset({"open", "closed", "opening", "closing"})),
    "lock": frozenset({"locked", "unlocked", "locking", "unlocking", "jammed"}),
    "vacuum": frozenset(VACUUM_STATES),
    "lawn_mower": frozenset(MOWER_STATES),
    "alarm_control_panel": frozenset(ALARM_STATES),
    "media_player": frozenset(MEDIA_STATES),
}
"""The states of each domain; those that are not here may say anything."""


def _name(text: str) -> str:
    name = clean(text)
    if not 0 < len(name) <= 120:
        raise ValueError("should be a name of 1 to 120 characters")
    return name


def _span(seconds: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= seconds[0] <= seconds[1] <= 86_400:
        raise ValueError("should be [shortest, longest] in seconds, not more than a day")
    return seconds


def _start(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    for key, value in attributes.items():
        if key != "state" and key not in ATTRIBUTES:
            raise ValueError(f"{key!r} is nothing a device tells.{_nearest(key, ('state', *sorted(ATTRIBUTES)))}")
        if not isinstance(value, str | bool | int | float) and key != "color":
            raise ValueError(f"{key} should be a text or a number")
    return attributes


Name = Annotated[str, AfterValidator(_name)]
Seconds = Annotated[tuple[float, float], AfterValidator(_span)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AreaEntry(_Entry):
    """One `[area.ID]`."""

    name: Name | None = None
    aliases: tuple[Name, ...] = ()
    floor: Name | None = None


class MediaEntry(_Entry):
    """One title of a `catalogue`."""

    title: Name
    kind: Name
    by: str = ""


class DeviceEntry(_Entry):
    """One `[DOMAIN.ID]`."""

    name: Name | None = None
    aliases: tuple[Name, ...] = ()
    area: str | None = None
    device_class: str | None = None
    guarded: bool | None = None
    hidden: bool = False
    mqtt: Mapping[str, Any] | None = None
    shelly: str | None = None
    capabilities: frozenset[str] = frozenset()
    unit: str | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    options: tuple[Name, ...] = ()
    start: Annotated[Mapping[str, Any], AfterValidator(_start)] = Field(default_factory=dict)
    answers_in_s: Seconds | None = None
    moves_in_s: Seconds | None = None
    answers: bool = True
    catalogue: tuple[MediaEntry, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "DeviceEntry":
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("minimum should be less than maximum")
        if self.mqtt is not None and self.shelly is not None:
            raise ValueError("a device has mqtt or shelly, not both")
        return self

    @property
    def is_declared(self) -> bool:
        """Whether it is all there is about the device: nobody else announces it."""
        return self.mqtt is not None or self.shelly is not None


@dataclass(frozen=True)
class HomeFile:
    """A home file that has been checked."""

    areas: Mapping[str, AreaEntry] = field(default_factory=dict)
    devices: Mapping[str, DeviceEntry] = field(default_factory=dict)
    """By device_id."""

    def area_name(self, area_id: str) -> str:
        """As people say it."""
        entry = self.areas.get(area_id)
        return (entry.name if entry else None) or area_id.replace("_", " ")

    def device_name(self, device_id: str) -> str:
        """As people say it."""
        return self.devices[device_id].name or device_id.partition(".")[2].replace("_", " ")

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The ids of devices that are not spoken of."""
        return frozenset(device_id for device_id, entry in self.devices.items() if entry.hidden)

    @cached_property
    def declared(self) -> Announcement:
        """The devices that are written down here whole, as if they had announced themselves."""
        told = [
            declared(device_id, self.device_name(device_id), entry.mqtt, entry.shelly)
            for device_id, entry in self.devices.items()
            if entry.is_declared
        ]
        return Announcement(
            tuple(component for each in told for component in each.components),
            tuple(problem for each in told for problem in each.problems),
            moves={topic: topics for each in told for topic, topics in each.moves.items()},
        )

    def over(self, below: "HomeFile") -> "HomeFile":
        """Both files as one; what this one says of a room or device goes before what the other says."""
        return HomeFile(_merged(below.areas, self.areas), _merged(below.devices, self.devices))

    def simulated(self) -> "HomeFile":
        """The home as it is played: whatever is declared is played like the rest."""
        played = {"mqtt": None, "shelly": None}
        return HomeFile(self.areas, {key: entry.model_copy(update=played) for key, entry in self.devices.items()})


_AnyEntry = TypeVar("_AnyEntry", AreaEntry, DeviceEntry)


def _merged(below: Mapping[str, _AnyEntry], above: Mapping[str, _AnyEntry]) -> dict[str, _AnyEntry]:
    """By id; of an entry in both, each key that the upper one has."""
    both = {
        key: below[key].model_copy(update={name: getattr(entry, name) for name in entry.model_fields_set})
        for key, entry in above.items()
        if key in below
    }
    return {**below, **above, **both}


def demo_home_path() -> Path:
    """The home file of the demo home."""
    return Path(__file__).with_name("demo.toml")


def load_home_file(path: Path) -> HomeFile:
    """Read a home file; raises `ConfigError` naming its first mistake."""
    home_file, problems = _read(path)
    if problems:
        more = f" (and {len(problems) - 1} more: see edge home check {path})" if len(problems) > 1 else ""
        raise ConfigError(f"{problems[0]}{more}")
    return home_file


def check_home_file(path: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a home file; empty when it can be used."""
    return _read(path)[1]


def _read(path: Path) -> tuple[HomeFile, tuple[Problem, ...]]:
    """The file as far as it can be used, and what is wrong with the rest."""
    try:
        return read_home(path.read_bytes(), str(path))
    except OSError as error:
        return HomeFile(), (Problem(str(path), f"it cannot be read: {error.strerror}."),)


def read_home(content: bytes, name: str) -> tuple[HomeFile, tuple[Problem, ...]]:
    """What a home file of this content and name says, as far as it can be used, and what is wrong with the rest."""
    if len(content) > MAX_BYTES:
        return HomeFile(), (Problem(name, "it is longer than 1 MB; a home file is not."),)
    try:
        text = content.decode()
        tables = tomllib.loads(text)
    except UnicodeDecodeError:
        return HomeFile(), (Problem(name, "it is no UTF-8 text; save it as UTF-8."),)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        reason = str(error)[: where.start()] if where else str(error)
        return HomeFile(), (Problem(name, f"it is no TOML: {reason}.", int(where[1]) if where else None),)
    except RecursionError:
        return HomeFile(), (Problem(name, "it is nested too deeply."),)
    home_file, mistakes = _checked(tables)
    lines = lines_of(text)
    problems = [
        Problem(name, reason, lines.get(place) or lines.get(place[:3]) or lines.get(place[:2]))
        for place, reason in mistakes
    ]
    return home_file, tuple(sorted(problems, key=lambda problem: problem.line or 0))


_Mistake = tuple[tuple[str, ...], str]
"""The path of keys to it, and the reason."""


def _checked(tables: Mapping[str, Any]) -> tuple[HomeFile, list[_Mistake]]:
    areas: dict[str, AreaEntry] = {}
    devices: dict[str, DeviceEntry] = {}
    mistakes: list[_Mistake] = []
    for domain, table in tables.items():
        if domain != "area" and domain not in DOMAINS:
            known = ("area", *sorted(DOMAINS))
            mistakes.append(((domain,), f"{domain!r} is no kind of device.{_nearest(domain, known)}"))
            continue
        for slug, entry in table.items() if isinstance(table, dict) else ():
            place = (domain, slug)
            if not _SLUG.fullmatch(slug) or slug != slug.casefold():
                mistakes.append((place, f"the id {slug!r} should be small letters, digits and _ only."))
                continue
            try:
                if domain == "area":
                    areas[slug] = AreaEntry.model_validate(entry)
                else:
                    devices[f"{domain}.{slug}"] = DeviceEntry.model_validate(entry)
            except ValidationError as error:
                mistakes += _explained(place, error, AreaEntry if domain == "area" else DeviceEntry)
        if not isinstance(table, dict):
            mistakes.append(((domain,), f"write [{domain}.some_id] above what belongs to one {domain}."))
    home_file = HomeFile(areas, devices)
    return home_file, [*mistakes, *_contradictions(home_file)]


def _explained(place: tuple[str, ...], error: ValidationError, model: type[BaseModel]) -> Iterator[_Mistake]:
    for mistake in error.errors(include_url=False, include_context=False):
        path = tuple(str(step) for step in mistake["loc"])
        key = path[0] if path else ""
        if mistake["type"] == "extra_forbidden":
            keys = MediaEntry.model_fields if path[0] == "catalogue" else model.model_fields
            yield (*place, key), f"[{'.'.join(place)}] has no {path[-1]!r}.{_nearest(path[-1], tuple(keys))}"
        else:
            reason = mistake["msg"].removeprefix("Value error, ")
            end = "" if reason.endswith((".", "?")) else "."
            yield (*place, key), f"{'.'.join(path or place)}: {reason[:1].lower()}{reason[1:]}{end}"


def _contradictions(home_file: HomeFile) -> Iterator[_Mistake]:
    """What each table alone cannot show."""
    seen: dict[tuple[str, str | None, str], str] = {}
    for device_id, entry in home_file.devices.items():
        domain, slug = device_id.split(".")
        if entry.area is not None and entry.area not in home_file.areas:
            nearest = _nearest(entry.area, tuple(home_file.areas))
            yield (domain, slug, "area"), f"there is no [area.{entry.area}].{nearest}"
        allowed, begun = STATES.get(domain, frozenset()), entry.start.get("state")
        if allowed and begun is not None and begun not in allowed:
            yield (
                (domain, slug, "start"),
                f"a {domain} cannot be {begun!r}.{_nearest(str(begun), tuple(sorted(allowed)))}",
            )
        for key, reason in mistakes_in(device_id, home_file.device_name(device_id), entry.mqtt, entry.shelly):
            yield (domain, slug, *key), reason
        able = CAPABILITIES.get(domain, frozenset())
        for capability in sorted(entry.capabilities - able):
            nearest = _nearest(capability, tuple(able))
            yield (domain, slug, "capabilities"), f"a {domain} cannot have {capability!r}.{nearest}"
        for name in () if entry.hidden else dict.fromkeys((home_file.device_name(device_id), *entry.aliases)):
            other = seen.setdefault((domain, entry.area, name.casefold()), device_id)
            if other != device_id:
                yield (
                    (domain, slug),
                    f"{other} in the same room is called {name!r} too: nobody could tell them apart.",
                )


def _nearest(word: str, known: tuple[str, ...]) -> str:
    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else f" Known: {', '.join(known)}." if known else ""
