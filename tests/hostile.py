"""What a home may say when it means harm or is broken: payloads of real homes, and ways to spoil them."""

import json
import random
from collections.abc import Callable
from typing import Any

from edge.home.bus import LocalBus


class ByteBus(LocalBus):
    """A bus that carries bytes which are no text, as any broker does."""

    def tell(self, topic: str, content: bytes, *, retain: bool = False) -> None:
        """Write to a topic."""

        def deliver() -> None:
            if retain:
                self._retained[topic] = content
            self._subscriptions.deliver(topic, content)

        self._run(deliver)


LONG = "x" * 10_000
NAMES = (
    *("'; DROP TABLE devices; --", '" OR 1=1', "Robert'); DELETE FROM turns;"),
    *("{{ 7 * 7 }}", "{% for x in y %}", "{{ ''.__class__.__mro__ }}", "${jndi:ldap://x}", "%s%n%x", "{0.__class__}"),
    *("\x00", "a\x00b", "\x1b[31mred", "a\r\nb", "\u202egpj.exe", "\u2066x\u2069", "\ufeff", "\u200b", "\u0301" * 40),
    *("<script>alert(1)</script>", "../../etc/passwd", "#", "+/+", "/", "$SYS/x", "~", " ", "", "👩‍👩‍👧‍👦" * 20),
    *("ﷺ" * 100, "台所の灯り", "Лампа", "١٢٣", "K\u0131l", "ß" * 200, "all", "the", "lights", "yes", "edge"),
    LONG,
)
"""Names that somebody chose with care."""

TEMPLATES = (
    *("{{ value_json.state }}", "{{ value }}", "{{ value_json }}", "{{ value_json['a b'][0] }}", "{{ value | float }}"),
    *("{{ value ~ value }}", "{{ value | from_json | tojson }}", "{{ [value, value_json] }}", "{{ value_json.x + 1 }}"),
    *("{% if value == 'ON' %}ON{% else %}OFF{% endif %}", "{{ value_json.get('state', 'ON') }}", "{{ 1 / 0 }}"),
    *("{% include 'x' %}", "{% for a in value %}{{ a }}{% endfor %}", "{{ 9 ** 9 ** 9 }}", "{{ 'x' * 10 ** 9 }}"),
    *("{% set a = 'xx' %}" + "{% set a = a ~ a %}" * 30 + "{{ a }}", "{{ " + "(" * 500, "{{ cycler.__init__ }}"),
    *("{{ value.split(',')[1] | int(0) }}", "{{ value | round(99) }}", "{{ value_json | length }}", "{{", "}}", LONG),
)

NUMBERS = (0, -1, 1, 255, 256, 1e-9, 1e308, -1e308, 2**31, 2**63, 10**300, 10**4_000, 0.1, True, False)


WORDS = ("ON", "OFF", "online", "offline", "open", "closed", "heat", "255,0,0", "50", "-0", "nan", "1e999", "None")
TOPICS = ("t/0", "t/1", "t/#", "+", "", "zigbee2mqtt/x", "homeassistant/light/l/config", f"t/{LONG}", "t/\0", "$SYS/x")
_SCALARS: tuple[tuple[Any, ...], ...] = (NUMBERS, NUMBERS, NAMES, NAMES, TEMPLATES, TEMPLATES, WORDS, TOPICS, (None,))


def any_value(dice: random.Random, depth: int = 0) -> Any:
    """Something that stands nowhere in the documentation."""
    kind = dice.random()
    if depth > 3 or kind < 0.75:
        return dice.choice(dice.choice(_SCALARS))
    if kind < 0.87:
        return [any_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {str(any_value(dice, 9)): any_value(dice, depth + 1) for _ in range(dice.randrange(4))}


def _spoil_inside(value: Any, dice: random.Random) -> Any:
    """The same with one thing in it changed, at any depth."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        spoiled = dict(value)
        key = dice.choice(list(spoiled))
        match dice.randrange(6):
            case 0:
                del spoiled[key]
            case 1:
                spoiled[str(any_value(dice, 9))] = spoiled[key]
            case _:
                spoiled[key] = _spoil_inside(spoiled[key], dice)
        return spoiled
    if isinstance(value, list) and value and dice.random() < 0.85:
        at = dice.randrange(len(value))
        return [*value[:at], _spoil_inside(value[at], dice), *value[at + 1 :]]
    return any_value(dice)


def _flipped(content: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(content or b"x")
    for _ in range(dice.randrange(1, 4)):
        spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
    return bytes(spoiled)


def _inserted(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content) + 1)
    what = dice.choice((b"\xff", b"\x00", b"\xed\xa0\x80", b"{", b"]", b'"', b"\\u", b"NaN", b"1e999", b"9" * 5_000))
    return content[:at] + what + content[at:]


_SPOILERS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _inserted,
    lambda content, dice: content[: dice.randrange(len(content) + 1)],
    lambda content, dice: content + content,
    lambda content, dice: b"[" * dice.randrange(5_000) + content,
    lambda content, dice: content.replace(b"{", b'{"state":"ON","state":[],', 1),
    lambda content, dice: bytes(dice.randrange(256) for _ in range(dice.randrange(40))),
    lambda content, dice: b"",
)


def encoded(told: Any) -> bytes:
    """Text as it is, anything else as JSON; half letters become the bytes that no reader takes."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def spoiled(told: Any, dice: random.Random, whole: float) -> bytes:
    """A payload of a real home: as it is, `whole` of the time, or changed in its structure or in its bytes."""
    if dice.random() < whole:
        return encoded(told)
    if dice.random() < 0.6:
        for _ in range(dice.randrange(1, 4)):
            told = _spoil_inside(told, dice)
        return encoded(told)
    return dice.choice(_SPOILERS)(encoded(told), dice)
