"""What was done, and whether it came true, in words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from edge import intents
from edge.knowledge import HomeMap
from edge.names import fold
from edge.records import DoneStep, Outcome, Response, Step
from edge.speech.phrases import capital, count, is_plural, kind, listed, number, plural, the, them, with_article

Values = Mapping[str, Any]

_WHITES: Final[Mapping[int, str]] = {
    1900: "like candle light",
    2700: "warm white",
    4000: "cool white",
    6500: "like daylight",
}
_STEPS: Final = ("brightness_step", "temperature_step", "percentage_step", "position_step", "volume_step")
_DIMMED: Final = {True: "brighter", False: "dimmer", None: "on"}
_LIGHTER: Final = frozenset({intents.TOO_DARK, intents.TOO_BRIGHT})
_NAMED_MAX: Final = 3
"""More devices than this are counted, not named."""


OFFLINE: Final = Response("I cannot reach the home at the moment.", "error")
FORBIDDEN: Final = Response("The home's broker does not let me do that.", "error")


def _lit(values: Values) -> str:
    parts = []
    if "color" in values:
        parts.append(str(values["color"]))
    if "color_temp" in values:
        parts.append(_WHITES.get(values["color_temp"], f"at {number(values['color_temp'])} kelvin"))
    if "brightness" in values:
        parts.append(f"at {number(values['brightness'])} percent")
    return listed(parts) or "on"


_RESULTS: Final[Mapping[str, Callable[[Values], str]]] = {
    "turn_on": _lit,
    "turn_off": lambda _: "off",
    "open": lambda _: "opening",
    "close": lambda _: "closing",
    "set_position": lambda v: f"going to {number(v['position'])} percent",
    "lock": lambda _: "locked",
    "unlock": lambda _: "unlocked",
    "set_temperature": lambda v: f"set to {number(v['temperature'])} degrees",
    "set_mode": lambda v: f"set to {v['mode']}",
    "set_speed": lambda v: f"at {number(v['speed'])} percent",
    "set_humidity": lambda v: f"set to {number(v['humidity'])} percent",
    "set_preset": lambda v: f"set to {v['preset']}",
    "set_fan_speed": lambda v: f"set to {v['fan_speed']}",
    "set_tilt": lambda v: f"tilted to {number(v['tilt'])} percent",
    "start": lambda _: "cleaning",
    "clean_spot": lambda _: "cleaning here",
    "pause": lambda _: "paused",
    "return_to_base": lambda _: "going back to its dock",
    "play": lambda _: "playing",
    "media_pause": lambda _: "paused",
    "play_media": lambda v: f"playing {_title(v)}",
    "set_volume": lambda v: f"at volume {number(v['volume'])}",
    "mute": lambda v: "muted" if v["muted"] else "no longer muted",
    "arm_home": lambda _: "armed in home mode",
    "arm_away": lambda _: "armed",
    "arm_night": lambda _: "armed in night mode",
    "arm_vacation": lambda _: "armed in vacation mode",
    "disarm": lambda _: "off",
    "set_value": lambda v: f"set to {number(v['value'])}",
    "select": lambda v: f"set to {v['option']}",
    "restore": lambda _: "as before",
}
_INFINITIVES: Final[Mapping[str, str]] = {
    "turn_on": "turn on {}",
    "turn_off": "turn off {}",
    "open": "open {}",
    "close": "close {}",
    "stop": "stop {}",
    "lock": "lock {}",
    "unlock": "unlock {}",
    "start": "start {}",
    "pause": "pause {}",
    "return_to_base": "send {} back to its dock",
    "arm_home": "arm {}",
    "arm_away": "arm {}",
    "arm_night": "arm {}",
    "arm_vacation": "arm {}",
    "locate": "find {}",
    "disarm": "disarm {}",
    "press": "press {}",
    "activate": "activate {}",
    "play": "play on {}",
    "media_pause": "pause {}",
    "next": "skip on {}",
    "previous": "go back on {}",
    "mute": "mute {}",
    "restore": "put {} back",
}
_TOLD: Final = {"stop": "stop", "next": "skip", "previous": "go back"}
"""Commands after which no particular state is to be expected, of devices that report."""

_TARGETS: Final = ("temperature", "position", "speed", "volume", "brightness", "humidity", "tilt")
_UNITS: Final = {"temperature": "degrees"}


def to_do(step: Step, home: HomeMap) -> str:
    """`open the garage door`, `set the oven to 180 degrees`."""
    action = _plain(step).action
    names = them(action.targets, home)
    many = f"the other {count(len(names))}" if action.left_out else f"{count(len(names))} devices"
    whom = listed(names) or "it" if len(names) <= _NAMED_MAX else many
    for key in _TARGETS:
        if key in action.values:
            return f"set {whom} to {number(action.values[key])} {_UNITS.get(key, 'percent')}"
    if action.command == "play_media":
        return f"play {_title(action.values)} on {whom}"
    if "color" in action.values:
        return f"make {whom} {action.values['color']}"
    return _INFINITIVES.get(action.command, "use {}").format(whom)


def done(done_step: DoneStep, home: HomeMap) -> Response:
    """What became of one step that moves something. Success is claimed only where the devices said so."""
    step, outcome = _plain(done_step.step), done_step.outcome or Outcome(refused="it was not reached")
    if outcome.refused:
        return _refused(step, outcome.refused, home)
    if outcome.confirmed:
        again = " again" if done_step.step.action.command == "restore" and step.action.command != "restore" else ""
        text = f"{_succeeded(step, home).removesuffix('.')}{again}.{_left_out(done_step.step, home)}"
        return Response(text, "answer")
    whom = listed(them(step.action.targets, home)) if len(step.action.targets) <= _NAMED_MAX else "them"
    if outcome.confirmed is None:
        return Response(_sent(step, whom, home) + _left_out(done_step.step, home), "answer")
    return _unanswered(step, outcome, home)


def _plain(step: Step) -> Step:
    """To put one thing back is a command like any other."""
    action = step.action
    if action.command != "restore" or len(action.targets) != 1:
        return step
    (only,) = action.targets
    return replace(step, action=replace(action, command=action.command_for(only), values=action.values_for(only)))


def _left_out(step: Step, home: HomeMap) -> str:
    """What was meant as well, and did not move."""
    names = them(step.action.left_out, home)
    if not names:
        return ""
    who = capital(listed(names)) if len(names) <= _NAMED_MAX else f"{capital(count(len(names)))} devices"
    one = len(names) == 1
    if step.action.command == "restore":
        return f" {who} {'stays' if one else 'stay'} as {'it is' if one else 'they are'}."
    return f" {who} cannot be reached."


def _sent(step: Step, whom: str, home: HomeMap) -> str:
    """Nothing can be claimed of what cannot report."""
    if step.action.command == "activate":
        return f"I sent {whom}, which cannot report back."
    if step.action.command in _TOLD and all(
        home.device[each].reports for each in step.action.targets if each in home.device
    ):
        return f"I told {whom} to {_TOLD[step.action.command]}."
    many = len(step.action.targets)
    if many > _NAMED_MAX:
        return f"I sent it to {count(many)} devices, but not all of them can report back."
    one = many == 1
    return f"I sent it to {whom}, but {'it' if one else 'they'} cannot report back."


def _refused(step: Step, refused: str, home: HomeMap) -> Response:
    if refused == "offline":
        return OFFLINE
    if refused == "forbidden":
        return FORBIDDEN
    if refused == "guarded":
        return Response(f"I {to_do(step, home)} only after you said yes.", "refusal")
    return Response(f"I could not {to_do(step, home)}: {refused.rstrip('.')}.", "error")


def _succeeded(step: Step, home: HomeMap) -> str:
    subject, several = _subject(step, home)
    result = _result(step, home)
    if step.action.command == "restore":
        return "Everything is as it was before."
    if result is None:
        return "Done."
    return f"{capital(subject)} {'are' if several else 'is'} {_become(step, result)}."


def _result(step: Step, home: HomeMap) -> Callable[[Values], str] | None:
    """What the command makes of such devices."""
    domains = {home.device[target].domain for target in step.action.targets if target in home.device}
    if step.action.command == "start" and domains == {"lawn_mower"}:
        return lambda _: "mowing"
    return _RESULTS.get(step.action.command)


def _become(step: Step, result: Callable[[Values], str]) -> str:
    """What the devices are now; where each became something else, in which direction."""
    action, slots = step.action, step.interpretation.slots
    if "color_temp_step" in slots:
        return "a warmer white" if slots["color_temp_step"] < 0 else "a cooler white"
    each = [action.values_for(target) for target in action.targets]
    if each and all(values == each[0] for values in each):
        return result(each[0])
    rising = next((slots[key] > 0 for key in _STEPS if isinstance(slots.get(key), int | float)), None)
    if slots.get("brightness_factor"):
        rising = slots["brightness_factor"] > 1
    if step.interpretation.intent in _LIGHTER:
        rising = step.interpretation.intent == intents.TOO_DARK
    return {True: "up", False: "down", None: "set"}[rising] if action.command != "turn_on" else _DIMMED[rising]


def _unanswered(step: Step, outcome: Outcome, home: HomeMap) -> Response:
    silent = them(outcome.silent or step.action.targets, home)
    quiet = listed(silent) if len(silent) <= _NAMED_MAX else f"{count(len(silent))} devices"
    if len(silent) == len(step.action.targets):
        return Response(f"I sent it, but {quiet} did not answer.", "error")
    answered = [each for each in step.action.targets if each not in outcome.silent]
    rest = them(answered, home)
    who = listed(rest) if len(rest) <= _NAMED_MAX else f"{count(len(rest))} devices"
    become = _result(step, home)
    result = f"{'is' if len(rest) == 1 else 'are'} {_become(step, become)}" if become else "did it"
    return Response(f"{capital(who)} {result}, but {quiet} did not answer.", "error")


def _subject(step: Step, home: HomeMap) -> tuple[str, bool]:
    """Who did it, and whether that is a plural: `the kitchen light`, `the living room lights`, `all lights`."""
    targets = tuple(target for target in step.action.targets if target in home.device)
    slots = step.interpretation.slots
    if not targets:
        return "it", False
    if len(targets) == 1:
        device = home.device[targets[0]]
        return the(device, home), is_plural(device.name)
    domains = {home.device[target].domain for target in targets}
    same = {"domain": next(iter(domains))} if len(domains) == 1 and "name" not in slots else {}
    kinds = plural(kind(step.interpretation.intent, {**same, **slots}))
    if slots.get("all") and not slots.get("kind"):
        return f"all {kinds}{_except(step, home)}", True
    areas = {home.device[target].area for target in targets}
    area = home.area.get(next(iter(areas)) or "") if len(areas) == 1 else None
    if area and "name" not in slots:
        return f"{with_article(area.name)} {kinds}", True
    return (listed(them(targets, home)) if len(targets) <= _NAMED_MAX else f"{count(len(targets))} {kinds}"), True


def _except(step: Step, home: HomeMap) -> str:
    """` except the garage door`: what was left out on purpose; and guarded devices, which do not move in a group."""
    slots = step.interpretation.slots
    if slots.get("except"):
        return f" except {listed([_called(str(name), home) for name in slots['except']])}"
    left = [
        the(device, home)
        for device in home.devices
        if device.domain == slots.get("domain")
        and slots.get("device_class") in {None, device.device_class}
        and device.device_id not in (*step.action.targets, *step.action.left_out)
    ]
    return f" except {listed(left)}" if 0 < len(left) <= _NAMED_MAX else ""


def _called(said: str, home: HomeMap) -> str:
    """A folded name as the home spells it: `the hall`, `Anna's lamp`."""
    area = next((area for area in home.areas if said in map(fold, (area.name, *area.aliases))), None)
    device = next((device for device in home.devices if fold(device.name) == said), None)
    return with_article(area.name) if area else the(device, home) if device else with_article(said)


def _title(values: Values) -> str:
    kind_of = values.get("media_kind")
    by = f" by {values['by']}" if values.get("by") and kind_of not in {"film", "movie"} else ""
    return f"{f'the {kind_of} ' if kind_of else ''}{values.get('title', 'it')}{by}"
