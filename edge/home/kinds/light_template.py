"""A light of the template schema: one topic each way, and templates for what passes there."""

from functools import partial
from typing import Any, Final

from edge.home.colors import color_of_rgb, rgb_of_hs
from edge.home.kinds.config import Abilities
from edge.home.kinds.fields import Topic, ValueTemplate
from edge.home.kinds.light import AnyLightConfig, hs, is_off, is_on
from edge.home.kinds.reading import NOTHING, Changes, Reading, kelvin, known, percent, same, told, word
from edge.home.kinds.telling import CannotRender, Values
from edge.home.payloads import Payload, as_number
from edge.home.templates import Template
from edge.records import Message

_PARTS: Final = ("red", "green", "blue")


class TemplateLightConfig(AnyLightConfig):
    """A light of the template schema."""

    command_topic: Topic
    command_on_template: ValueTemplate
    command_off_template: ValueTemplate
    state_template: ValueTemplate = None
    brightness_template: ValueTemplate = None
    color_temp_template: ValueTemplate = None
    red_template: ValueTemplate = None
    green_template: ValueTemplate = None
    blue_template: ValueTemplate = None
    effect_template: ValueTemplate = None

    def readings(self) -> tuple[Reading, ...]:
        """What each template makes of the one topic."""
        topic = self.state_topic
        specs = (
            (self.state_template, same(("on", "off"))),
            (self.brightness_template, percent("brightness", self.brightness_scale)),
            (self.color_temp_template, kelvin(self.color_temp_kelvin)),
            (self.effect_template, word("effect")),
        )
        plain = [each for template, parse in specs if template is not None for each in told(topic, template, parse)]
        parts = self._color_templates()
        colored = (Reading(topic, partial(_color, parts)),) if topic is not None and parts else ()
        return (*plain, *colored)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """What its template for on, or for off, makes of the values."""
        if is_off(command, values):
            return (self._filled(self.command_off_template, {"state": False}),)
        if not is_on(command):
            return ()
        wanted: dict[str, Any] = {"state": True}
        for key, value in values.items():
            wanted |= self._value(key, value)
        return (self._filled(self.command_on_template, wanted),)

    def abilities(self) -> Abilities:
        """What there are templates for, for a lamp that is told more says so as well."""
        found = {
            "brightness": self.brightness_template is not None,
            "color_temp": self.color_temp_template is not None,
            "color": bool(self._color_templates()),
            "effect": bool(self.effect_list),
        }
        return self.can({key for key, has in found.items() if has})

    def untold(self) -> tuple[str, ...]:
        """An effect, where there is no template for it."""
        return ("effect",) if self.effect_list and self.effect_template is None else ()

    def reports(self, *topics: str | None) -> bool:
        """Only through a template."""
        return super().reports(*topics) and self.state_template is not None

    def _color_templates(self) -> tuple[Template, ...]:
        templates = (self.red_template, self.green_template, self.blue_template)
        found = tuple(template for template in templates if isinstance(template, Template))
        return found if len(found) == len(_PARTS) else ()

    def _value(self, key: str, value: Any) -> Values:
        match key:
            case "brightness":
                return {"brightness": self.level(value)}
            case "color_temp":
                return {"color_temp": self.shade(value)}
            case "effect":
                return {"effect": self.effect_named(value)}
            case "color":
                hue, saturation = hs(value)
                parts = dict(zip(_PARTS, rgb_of_hs((hue, saturation)), strict=True))
                return {**parts, "hue": hue, "sat": saturation}
            case _:
                raise CannotRender(f"a light has no {key}")

    def _filled(self, template: ValueTemplate, values: Values) -> Message:
        filled = template.fill(values) if isinstance(template, Template) else None
        if filled is None:
            raise CannotRender("its command template asks for something that Edge does not know")
        return Message(self.command_topic, str(filled))


def _color(templates: tuple[Template, ...], payload: Payload) -> Changes:
    if payload.text is None:
        return NOTHING
    return known("color", color_of_rgb([as_number(template.read(payload)) for template in templates]))
