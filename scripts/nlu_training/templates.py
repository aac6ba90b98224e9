"""Random sentences of Home Assistant's English templates, with invented names, and the class that each is of."""

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hassil.expression import Alternative, Expression, ListReference, Permutation, RuleReference, TextChunk
from hassil.intents import IntentData, Intents
from home_assistant_intents import get_intents

from edge.bench.talk_data import normal
from edge.nlu.labels import NONE

EACH: Final = 70
"""Sentences drawn of an intent; three times as many where it turns all kinds of things on or off."""

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(names.split("|"))
    for kind, names in {
        "light": "kitchen light|floor lamp|desk lamp|reading light|ceiling light|bedside lamp|porch light|hall light|"
        "lamp two|chandelier|spotlights|christmas tree|led strip|lights|light|lamp|table lamp|attic light|"
        "garden lights|night light|joshs lamp|sofa lamp|bathroom mirror light",
        "device": "coffee machine|kettle|printer|heater|dishwasher|washing machine|smart plug|socket|air purifier|"
        "computer|fountain|dehumidifier|toaster|radio|aquarium pump|electric blanket|router|game console|plug two|"
        "charger|air conditioner|outlet|microwave|iron",
        "cover": "blinds|blind|curtains|shutters|living room blind|bedroom curtains|left blind|roller shade|awning|"
        "kitchen shutter|garage door|garage|skylight|drapes",
        "lock": "front door|back door|door|garden gate|door lock|basement door|side door|shed",
        "fan": "fan|bedroom fan|ceiling fan|ventilator|desk fan|office fan",
        "heater": "thermostat|heating|heater|radiator|living room thermostat|oven|boiler|bathroom heater|air con",
        "player": "tv|television|speaker|radio|stereo|music|kitchen speaker|soundbar|telly",
        "area": "kitchen|living room|bedroom|office|hall|bathroom|garage|kids room|dining room|basement|attic|study|"
        "lounge|garden|guest room|upstairs|nursery|conservatory|den",
        "color": "red|blue|green|purple|orange|pink|yellow|turquoise|white|warm white|violet|cyan",
        "percent": "5|10|20|25|30|40|50|60|70|75|80|90|100|thirty|fifty|forty five|sixty|twenty|eighty",
        "degrees": "18|19|20|21|22|21.5|23|sixty eight|twenty|twenty one|nineteen and a half|70|180",
        "title": "dune|the hunger games|bohemian rhapsody|abbey road|harry potter|jazz|rock music|my playlist|"
        "the beatles|treasure island|star wars|queen|radio two|the news|some mozart|the queen's gambit|frozen",
        "scene": "movie night|dinner time|good night|relax|party|romantic|reading|cozy evening|bright morning|away|"
        "gaming",
    }.items()
}
"""What stands for `{name}` in sentences: no home of ours has all of it."""

_CLASSES: Final = {
    "HassTurnOn": "on",
    "HassTurnOff": "off",
    "HassLightSet": "light_set",
    "HassSetPosition": "position",
    "HassClimateSetTemperature": "temperature_set",
    "HassClimateGetTemperature": "get_temperature",
    "HassFanSetSpeed": "fan_set",
    "HassVacuumStart": "clean",
    "HassVacuumReturnToBase": "dock",
    "HassVacuumCleanArea": "clean",
    "HassGetState": "get_state",
    "HassGetCurrentTime": "get_time",
    "HassGetCurrentDate": "get_date",
    "HassNevermind": "nevermind",
    "HassMediaPause": "media_pause",
    "HassMediaUnpause": "media_resume",
    "HassMediaNext": "media_next",
    "HassMediaPrevious": "media_previous",
    "HassMediaSearchAndPlay": "media_play",
    "HassMediaPlayerMute": "mute",
    "HassMediaPlayerUnmute": "unmute",
    "HassSetVolume": "volume_set",
    "HassSetVolumeRelative": "volume_up",
    "HassStopMoving": "stop_moving",
    "HassStartTimer": NONE,
    "HassCancelTimer": NONE,
    "HassShoppingListAddItem": NONE,
    "HassGetWeather": NONE,
    "HassBroadcast": NONE,
    "HassListAddItem": NONE,
}
_TURNED: Final = {
    "light": ("light_on", "light_off"),
    "cover": ("open", "close"),
    "lock": ("lock", "unlock"),
    "scene": ("scene", None),
    "script": ("scene", None),
    "vacuum": ("clean", "dock"),
    "valve": ("open", "close"),
    "alarm_control_panel": ("arm", "disarm"),
}
"""By domain, the classes of turning on and off; other things are devices."""

_DOWN: Final = re.compile(r"down|lower|decrease|reduce|quiet|soft")
_KINDS: Final = {"climate": "heater", "media_player": "player"} | {
    domain: domain for domain in ("light", "cover", "lock", "fan", "scene")
}
_ANYTHING: Final = ("milk", "the weather", "anna", "ten minutes", "bread")


class TemplateSentences:
    """Draws sentences; `chance` decides."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._intents = Intents.from_dict(get_intents("en"))

    def all(self) -> Iterator[tuple[str, str]]:
        """Sentences of at least two words with their classes."""
        for name, label in sorted(_CLASSES.items()):
            blocks = self._intents.intents[name].data if name in self._intents.intents else []
            pairs = [(block, sentence) for block in blocks for sentence in block.sentences]
            for _ in range((EACH * 3 if label in {"on", "off"} else EACH) if pairs else 0):
                block, sentence = self._chance.choice(pairs)
                domain = self._domain(block)
                text = normal(self._said(sentence.expression, domain))
                chosen = _class(label, domain, text)
                if chosen and " " in text:
                    yield text, chosen

    def _domain(self, block: IntentData) -> str | None:
        domain: Any = block.slots.get("domain") or block.requires_context.get("domain")
        domain = domain.get("value") if isinstance(domain, dict) else domain
        return self._chance.choice(domain) if isinstance(domain, list) else domain

    def _said(self, expression: Expression, domain: str | None) -> str:
        match expression:
            case TextChunk():
                return expression.original_text
            case RuleReference():
                return self._said(self._intents.expansion_rules[expression.rule_name].expression, domain)
            case ListReference():
                return self._value(expression.list_name, domain)
            case Alternative():
                return self._said(self._chance.choice(expression.items), domain)
            case Permutation():
                items = list(expression.items)
                self._chance.shuffle(items)
                return " ".join(self._said(item, domain) for item in items)
        return "".join(self._said(item, domain) for item in expression.items)

    def _value(self, name: str, domain: str | None) -> str:
        if name == "name":
            return self._chance.choice(NAMES[_KINDS.get(domain or "", "device")])
        if name in {"area", "floor"}:
            return self._chance.choice(NAMES["area"])
        if name == "search_query":
            return self._chance.choice(NAMES["title"])
        values = self._intents.slot_lists.get(name)
        if hasattr(values, "values"):
            text = self._chance.choice(values.values).text_in
            return getattr(text, "text", None) or self._said(getattr(text, "expression", text), domain)
        if hasattr(values, "start"):
            return str(self._chance.randrange(int(values.start), int(values.stop) + 1))
        return self._chance.choice(_ANYTHING)


def _class(label: str, domain: str | None, text: str) -> str | None:
    if label in {"on", "off"}:
        return _TURNED.get(domain or "", ("device_on", "device_off"))[label == "off"]
    return "volume_down" if label == "volume_up" and _DOWN.search(text) else label
