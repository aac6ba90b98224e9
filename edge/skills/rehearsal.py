"""What a skill would do, without doing it: for whoever writes one."""

from collections.abc import Mapping
from typing import Any

from edge.knowledge import SkillIntent
from edge.templating import TemplateError, render, render_value


def rehearsed(intent: SkillIntent, slots: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its deeds with the slots put in, in their order, as JSON would have them."""
    deeds: list[dict[str, Any]] = []
    for deed in intent.deeds:
        try:
            if deed.kind == "publish":
                deeds.append({"publish": render(deed.topic, slots), "payload": render(deed.template, slots)})
            elif deed.kind == "answer":
                deeds.append({"answer": render(deed.template, slots)})
            else:
                values = {k: render_value(v, slots) if isinstance(v, str) else v for k, v in deed.values.items()}
                deeds.append({"call": list(deed.targets), "command": deed.command, "values": values})
        except TemplateError as wrong:
            deeds.append({"fails": wrong.reason})
    return deeds
