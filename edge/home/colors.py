"""Colours between what people say (a name) and what lamps speak (hue and saturation, RGB, CIE xy, mireds)."""

import colorsys
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from edge.home.payloads import as_number

Hs = tuple[float, float]
"""Hue 0-360 and saturation 0-100."""

Color = str | list[int]
"""A name of `NAMED`, or [red, green, blue], each 0-255."""

NAMED: Final[Mapping[str, Hs]] = {
    "white": (0.0, 0.0),
    "red": (0.0, 100.0),
    "orange": (38.8, 100.0),
    "yellow": (60.0, 100.0),
    "green": (120.0, 100.0),
    "turquoise": (174.0, 71.4),
    "blue": (240.0, 100.0),
    "purple": (300.0, 100.0),
    "pink": (349.5, 24.7),
    "brown": (0.0, 74.5),
}
"""The colours that people ask lamps for, with the values of CSS. Black is none: a lamp cannot."""

_NEAR: Final = 30.0
"""How far, on a disc of radius 100, a lamp's gamut and rounding may carry it from the colour it was told."""


def hs_of(color: Any) -> Hs | None:
    """Hue and saturation of a name or [r, g, b]; None for anything else."""
    if isinstance(color, str):
        return NAMED.get(color)
    rgb = _three(color)
    if rgb is None:
        return None
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
    return hue * 360, saturation * 100


def color_of_hs(hue: Any, saturation: Any) -> Color | None:
    """The nearest name, or [r, g, b] where no name is near."""
    h, s = as_number(hue), as_number(saturation)
    if h is None or s is None or not (0 <= h <= 360 and 0 <= s <= 100):
        return None
    name = min(NAMED, key=lambda each: _distance((h, s), NAMED[each]))
    return name if _distance((h, s), NAMED[name]) <= _NEAR else list(rgb_of_hs((h, s)))


def color_of_rgb(rgb: Any) -> Color | None:
    """As `color_of_hs`, from three numbers 0-255; None when it is dark or no colour."""
    hs = hs_of(rgb) if not isinstance(rgb, str) else None
    return color_of_hs(*hs) if hs is not None and max(rgb) > 0 else None


def color_of_xy(x: Any, y: Any) -> Color | None:
    """As `color_of_hs`, from CIE 1931 coordinates."""
    rgb = _rgb_of_xy(as_number(x), as_number(y))
    return color_of_rgb(rgb) if rgb else None


def color_of_white_and_rgb(parts: Any) -> Color | None:
    """As `color_of_hs`, from red, green and blue with the share of one or two white lamps behind them."""
    if not isinstance(parts, list | tuple) or len(parts) not in {4, 5}:
        return None
    numbers = [number for part in parts if (number := as_number(part)) is not None and 0 <= number <= 255]
    if len(numbers) != len(parts) or max(numbers) == 0:
        return None
    mixed = [part + max(numbers[3:]) for part in numbers[:3]]
    return color_of_rgb([255 * part / max(mixed) for part in mixed])


def rgb_of_hs(hs: Hs) -> tuple[int, int, int]:
    """At full brightness."""
    red, green, blue = colorsys.hsv_to_rgb(hs[0] / 360, hs[1] / 100, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)


def rgbw_of_hs(hs: Hs) -> tuple[int, int, int, int]:
    """As `rgb_of_hs`, with what is white in the colour given to a white lamp."""
    red, green, blue = rgb_of_hs(hs)
    white = min(red, green, blue)
    parts = (red - white, green - white, blue - white, white)
    red, green, blue, white = (round(255 * part / max(parts)) for part in parts)
    return red, green, blue, white


def rgbww_of_hs(hs: Hs) -> tuple[int, int, int, int, int]:
    """As `rgbw_of_hs`, with the white shared by a cold and a warm lamp."""
    red, green, blue, white = rgbw_of_hs(hs)
    return red, green, blue, white, white


def xy_of_hs(hs: Hs) -> tuple[float, float]:
    """CIE 1931 coordinates, through the wide-gamut RGB space of common lamps."""
    red, green, blue = (_linear(part / 255) for part in rgb_of_hs(hs))
    x = red * 0.664511 + green * 0.154324 + blue * 0.162028
    y = red * 0.283881 + green * 0.668433 + blue * 0.047685
    z = red * 0.000088 + green * 0.072310 + blue * 0.986039
    whole = x + y + z
    return (round(x / whole, 4), round(y / whole, 4)) if whole else (0.3227, 0.329)


def other_scale(mireds_or_kelvin: Any) -> int | None:
    """Mireds of kelvin, or kelvin of mireds: one million by the other."""
    number = as_number(mireds_or_kelvin)
    return round(1_000_000 / number) if number is not None and 1 <= number <= 1_000_000 else None


def _three(color: Any) -> Sequence[float] | None:
    if not isinstance(color, list | tuple) or len(color) != 3:
        return None
    numbers = [number for part in color if (number := as_number(part)) is not None and 0 <= number <= 255]
    return numbers if len(numbers) == 3 else None


def _distance(a: Hs, b: Hs) -> float:
    ax, ay = (a[1] * trig(math.radians(a[0])) for trig in (math.cos, math.sin))
    bx, by = (b[1] * trig(math.radians(b[0])) for trig in (math.cos, math.sin))
    return math.hypot(ax - bx, ay - by)


def _linear(part: float) -> float:
    return ((part + 0.055) / 1.055) ** 2.4 if part > 0.04045 else part / 12.92


def _rgb_of_xy(x: float | None, y: float | None) -> list[int] | None:
    if x is None or y is None or not (0 <= x <= 1 and 0 < y <= 1):
        return None
    big_x, big_z = x / y, (1 - x - y) / y
    linear = (
        big_x * 1.656492 - 0.354851 - big_z * 0.255038,
        -big_x * 0.707196 + 1.655397 + big_z * 0.036152,
        big_x * 0.051713 - 0.121364 + big_z * 1.011530,
    )
    parts = [max(0.0, 12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in linear]
    brightest = max(parts)
    return [round(255 * part / brightest) for part in parts] if brightest > 0 else None
