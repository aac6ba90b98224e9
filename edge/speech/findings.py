"""Answers to questions about the home, the clock and the calendar, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from edge.knowledge import Device, HomeMap
from edge.records import DoneStep
from edge.speech.phrases import capital, count, inside, is_plural, kind, listed, measure, number, place, plural, the

_OPENINGS: Final = frozenset({"window", "door", "garage", "garage_door", "gate", "opening", "lock"})
_SENSED: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("occupancy", "presence"), ("occupied", "empty")),
    "motion": ("noticing movement", "quiet"),
    "moisture": ("wet", "dry"),
    "smoke": ("detecting smoke", "clear"),
    "gas": ("detecting gas", "clear"),
    "carbon_monoxide": ("detecting carbon monoxide", "clear"),
    "problem": ("reporting a problem", "fine"),
    "battery": ("low", "fine"),
    "connectivity": ("connected", "not connected"),
    "plug": ("plugged in", "unplugged"),
}
_STATES: Final[Mapping[str, str]] = {
    "docked": "in its dock",
    "returning": "on its way back to its dock",
    "disarmed": "off",
    "armed_home": "armed in home mode",
    "armed_away": "armed",
    "armed_night": "armed in night mode",
    "armed_vacation": "armed in vacation mode",
    "arming": "about to be armed",
    "triggered": "going off",
    "standby": "off",
    "idle": "doing nothing",
}
_MOVING: Final = frozenset({"opening", "closing", "locking", "unlocking"})
_HEATERS: Final = frozenset({"climate", "water_heater"})
_LIST_MAX: Final = 4


@dataclass(frozen=True)
class Seen:
    """A device and what it says of itself."""

    device: Device
    state: Mapping[str, Any]
    """`state` and its attributes."""

    @property
    def value(self) -> str:
        return str(self.state.get("state", "unavailable"))

    @property
    def reports(self) -> bool:
        return self.value != "unavailable"

    @property
    def ago(self) -> str:
        """`three hours ago`, of what is old; else empty."""
        hours = self.state.get("hours_ago")
        if hours is None:
            return ""
        if hours >= 24:
            return f"{count(hours // 24)} days ago" if hours >= 48 else "a day ago"
        return f"{count(hours)} hours ago"

    def is_(self, wanted: str) -> bool:
        """Whether it is as the question says: `open`, `on`, `locked`."""
        value = self.value
        if self.device.domain == "binary_sensor":
            return value == {"open": "on", "closed": "off"}.get(wanted, wanted)
        if wanted in {"on", "off"}:
            return (value in {"off", "standby", "idle", "docked", "disarmed"}) == (wanted == "off")
        return value == wanted

    def word(self) -> str:
        """Its state in one or two words: `open`, `on`, `in its dock`."""
        if self.device.domain == "binary_sensor" and self.value in {"on", "off"}:
            return _sensed(self.device, self.value == "on")
        if self.device.domain in _HEATERS and self.value not in {"off", "on"}:
            return "on"
        return _STATES.get(self.value, self.value.replace("_", " "))


def time_of_day(said: str) -> str:
    """`It is 2:05 PM.` from `14:05`."""
    hour, minute = map(int, said.split(":"))
    half = "AM" if hour < 12 else "PM"
    return f"It is {(hour - 1) % 12 + 1}{f':{minute:02d}' if minute else ''} {half}."


def day(said: str) -> str:
    """`It is Sunday, the 22nd of November.`"""
    when = date.fromisoformat(said)
    ending = "th" if 10 < when.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(when.day % 10, "th")
    return f"It is {when:%A}, the {when.day}{ending} of {when:%B}."


def found(done_step: DoneStep, home: HomeMap) -> str:
    """What was found out about devices."""
    step, outcome = done_step.step, done_step.outcome
    states = outcome.answer.get("states", {}) if outcome else {}
    seen = [Seen(home.device[key], state) for key, state in states.items() if key in home.device]
    if not seen:
        return "I know nothing about that."
    if step.action.command == "get_temperature":
        return _temperatures(seen, home)
    question, wanted = step.action.values.get("question", "one"), step.action.values.get("state")
    slots = step.interpretation.slots
    if wanted is None or question == "one":
        return " ".join(capital(described(each, home)) + "." for each in seen[:_LIST_MAX])
    return _asked(seen, str(wanted), str(question), slots, step.interpretation.intent, home)


def _asked(
    seen: Sequence[Seen], wanted: str, question: str, slots: Mapping[str, Any], intent: str, home: HomeMap
) -> str:
    """Whether, which or how many are as the question says."""
    if wanted == "playing":
        return _playing(seen, home)
    if slots.get("device_class") == "occupancy" and "area" in slots:
        return _presence(seen, str(slots["area"]))
    if len(seen) == 1 and question in {"one_yesno", "any", "all"}:
        return _yes_or_no(seen[0], wanted, home)
    if slots.get("kind"):
        return _of_anything(seen, wanted, question, _where_asked(slots), home)
    return _of_many(seen, wanted, question, (kind(intent, slots), _where_asked(slots)), home)


def _where_asked(slots: Mapping[str, Any]) -> str:
    where = slots.get("floor") or (None if slots.get("here") else slots.get("area"))
    return f" {inside(str(where))}" if where else ""


def _playing(seen: Sequence[Seen], home: HomeMap) -> str:
    playing = [each for each in seen if each.value == "playing"]
    if not playing:
        return "Nothing is playing."
    return " ".join(capital(described(each, home)) + "." for each in playing[:_LIST_MAX])


def _of_anything(seen: Sequence[Seen], wanted: str, question: str, where: str, home: HomeMap) -> str:
    """`Nothing is open upstairs.`, `Yes, the TV is on.`, `No, the hall light is on.`"""
    fitting = [each for each in seen if each.reports and each.is_(wanted)]
    if question == "all":
        others = [each for each in seen if each.reports and not each.is_(wanted)]
        if not others:
            return f"Yes, everything is {wanted}{where}."
        return f"No, {_names(others, home)} {'is' if len(others) == 1 else 'are'} {others[0].word()}."
    if not fitting:
        return f"{'No, nothing' if question == 'any' else 'Nothing'} is {wanted}{where}."
    names = _names(fitting, home)
    single = len(fitting) == 1 and not is_plural(fitting[0].device.name)
    return f"{capital(f'yes, {names}' if question == 'any' else names)} {'is' if single else 'are'} {wanted}."


def described(seen: Seen, home: HomeMap) -> str:
    """`the kitchen light is on, at 40 percent`."""
    subject = the(seen.device, home)
    verb = _is_or_are(seen)
    if not seen.reports:
        return f"{subject} {'do' if verb == 'are' else 'does'} not report at the moment"
    if seen.device.domain in {"sensor", "number"}:
        measured = measure(seen.value, seen.device.unit)
        was = "were" if verb == "are" else "was"
        return f"{subject} {was} {measured} {seen.ago}" if seen.ago else f"{subject} {verb} {measured}"
    if seen.device.domain in _HEATERS:
        return _climate(subject, seen)
    return f"{subject} {verb} {seen.word()}{_detail(seen)}"


def _detail(seen: Seen) -> str:
    state, domain = seen.state, seen.device.domain
    if domain == "light" and seen.value == "on":
        color = state.get("color")
        parts = [color] if isinstance(color, str) else []
        parts += [f"at {number(state['brightness'])} percent"] if state.get("brightness") is not None else []
        return f", {listed(parts)}" if parts else ""
    if domain in {"cover", "valve"} and isinstance(state.get("position"), int | float) and 0 < state["position"] < 100:
        return f", at {number(state['position'])} percent"
    if domain == "fan" and seen.value == "on" and state.get("speed") is not None:
        return f", at {number(state['speed'])} percent"
    if domain == "humidifier" and seen.value == "on" and state.get("humidity") is not None:
        return f", at {number(state['humidity'])} percent"
    if domain == "media_player" and seen.value in {"playing", "paused"} and state.get("title"):
        return f": {state['title']}"
    return ""


def _climate(subject: str, seen: Seen) -> str:
    target, now = seen.state.get("temperature"), seen.state.get("current_temperature")
    said = f"{subject} is off" if seen.value == "off" else f"{subject} is on"
    if seen.value != "off" and target is not None:
        said = f"{subject} is set to {number(target)} degrees"
    return f"{said}, and it is {number(now)} degrees now" if now is not None else said


def _yes_or_no(seen: Seen, wanted: str, home: HomeMap) -> str:
    cannot_tell = seen.device.domain == "lock" and wanted in {"open", "closed"}
    if cannot_tell or not seen.reports or seen.value in _MOVING:
        return capital(described(seen, home)) + "."
    verb = _is_or_are(seen)
    return f"{'Yes' if seen.is_(wanted) else 'No'}, {the(seen.device, home)} {verb} {seen.word()}."


def _of_many(seen: Sequence[Seen], wanted: str, question: str, sort: tuple[str, str], home: HomeMap) -> str:
    """`sort`: the kind of device, and where."""
    one, where = sort
    many = plural(one)
    reporting = [each for each in seen if each.reports]
    fitting = [each for each in reporting if each.is_(wanted)]
    others = [each for each in reporting if not each.is_(wanted)]
    word = _wanted_word(seen, wanted)
    missing = _missing(len(seen) - len(reporting))
    if question == "all" and not others:
        return f"Yes, all {many} are {word}{where}.{missing}"
    if question == "all" or (question == "one_yesno" and not fitting and others):
        return f"No, {_states_of(others, many, home)}.{missing}"
    asked = question in {"any", "one_yesno"}
    if not fitting:
        return f"{'No, no' if asked else 'No'} {many} are {word}{where}.{missing}"
    names = _names(fitting, home)
    verb = "is" if len(fitting) == 1 else "are"
    if question == "how_many":
        return f"{capital(count(len(fitting)))} {one if verb == 'is' else many} {verb} {word}: {names}.{missing}"
    return f"{capital(f'yes, {names}' if asked else names)} {verb} {word}.{missing}"


def _states_of(others: Sequence[Seen], many: str, home: HomeMap) -> str:
    words = {each.word() for each in others}
    if len(words) == 1 and len(others) > 1:
        who = _names(others, home) if len(others) <= _LIST_MAX else f"{count(len(others))} {many}"
        return f"{who} are {others[0].word()}"
    return listed([f"{the(each.device, home)} {_is_or_are(each)} {each.word()}" for each in others[:_LIST_MAX]])


def _names(seen: Sequence[Seen], home: HomeMap) -> str:
    """`a, b and c`; of many the first few and `two more`."""
    names = [the(each.device, home) for each in seen]
    if len(names) > _LIST_MAX + 1:
        names = [*names[:_LIST_MAX], f"{count(len(names) - _LIST_MAX)} more"]
    return listed(names)


def _is_or_are(seen: Seen) -> str:
    return "are" if is_plural(seen.device.name) else "is"


def _wanted_word(seen: Sequence[Seen], wanted: str) -> str:
    fitting = next((each for each in seen if each.is_(wanted)), None)
    if fitting and fitting.device.domain == "binary_sensor":
        return fitting.word()
    return wanted


def _missing(many: int) -> str:
    return "" if not many else f" {capital(count(many))} {'does' if many == 1 else 'do'} not report."


def _presence(seen: Sequence[Seen], area: str) -> str:
    if not any(each.reports for each in seen):
        return f"I cannot tell: the sensor {inside(area)} does not report."
    if any(each.is_("on") for each in seen):
        return f"Somebody is {inside(area)}."
    return f"I notice nobody {inside(area)}."


def _temperatures(seen: Sequence[Seen], home: HomeMap) -> str:
    told = [(each, _degrees(each)) for each in seen]
    known = [(each, degrees) for each, degrees in told if degrees is not None]
    if not known:
        return f"{capital(the(seen[0].device, home))} does not report a temperature at the moment."
    said = [(f"{degrees}{_where(each, home)}", each.ago) for each, degrees in known[:_LIST_MAX]]
    fresh = [words for words, ago in said if not ago]
    old = [f"It was {words} {ago}." for words, ago in said if ago]
    return " ".join([*([f"It is {listed(fresh)}."] if fresh else []), *old])


def _degrees(seen: Seen) -> str | None:
    value = seen.state.get("current_temperature") if seen.device.domain in _HEATERS else seen.value
    return measure(value, seen.device.unit or "°C") if seen.reports and value is not None else None


def _where(seen: Seen, home: HomeMap) -> str:
    where = place(seen.device.area, home)
    return f" in {where}" if where else ""


def _sensed(device: Device, on: bool) -> str:
    if device.device_class in _OPENINGS:
        return "open" if on else "closed"
    return _SENSED.get(device.device_class or "", ("on", "off"))[0 if on else 1]
