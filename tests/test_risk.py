"""Who may move what: the rules of `edge.risk`, as a table."""

import pytest

from edge.risk import MANY, Need, Tier, commands, is_jump, is_securing, need, strictest, tier_of


@pytest.mark.parametrize(
    ("domain", "device_class", "name", "tier"),
    [
        ("light", None, "Garage light", "free"),
        ("switch", "outlet", "Printer", "free"),
        ("media_player", None, "Television", "free"),
        ("binary_sensor", "garage_door", "Garage", "free"),
        ("cover", "blind", "Left blind", "ask"),
        ("cover", None, "Awning", "ask"),
        ("lawn_mower", None, "Mower", "ask"),
        ("lock", None, "Front door", "guarded"),
        ("cover", "garage", "Big door", "guarded"),
        ("cover", "gate", "Drive", "guarded"),
        ("switch", None, "Garage relay", "guarded"),
        ("button", None, "Open the gate", "guarded"),
        ("climate", None, "Oven", "guarded"),
        ("valve", "water", "Main water", "guarded"),
        ("siren", None, "Hall siren", "guarded"),
        ("alarm_control_panel", None, "Home", "guarded"),
    ],
)
def test_a_device_gets_its_tier_by_what_it_is(domain: str, device_class: str | None, name: str, tier: Tier) -> None:
    """By kind and class, and by a telling word in the name of what moves; what only tells is free."""
    assert tier_of(domain, device_class, name) == tier


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize("pin", [True, False])
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("securing", [True, False])
@pytest.mark.parametrize("devices", [1, 2, MANY + 1])
def test_a_guarded_device_is_never_moved_at_once(
    devices: int, securing: bool, exact: bool, pin: bool, attended: bool
) -> None:
    """Whatever the circumstances; and never with others, nor with nobody there."""
    needed = need("guarded", devices=devices, exact=exact, securing=securing, attended=attended, pin=pin)
    allowed: Need = "pin" if pin and not securing else "yes"
    assert needed == (allowed if devices == 1 and attended else "never")


def test_covers_ask_when_the_match_is_inexact_or_many_at_once() -> None:
    """One that is named as it is called moves at once."""
    assert need("ask", pin=True) == "nothing"
    assert need("ask", exact=False, pin=False) == "yes"
    assert need("ask", devices=MANY, pin=False) == "nothing"
    assert need("ask", devices=MANY + 1, pin=False) == "yes"
    assert need("free", devices=100, exact=False, attended=False, pin=True) == "nothing"


def test_the_strictest_tier_counts() -> None:
    """Of several devices, and of none."""
    assert strictest(["free", "guarded", "ask"]) == "guarded"
    assert strictest(["free", "ask"]) == "ask"
    assert strictest([]) == "free"


def test_only_what_makes_the_home_safer_needs_no_pin() -> None:
    """Locking, closing, arming; to lock a valve or to switch a siren off is none of it."""
    assert is_securing("lock", "lock")
    assert is_securing("cover", "close")
    assert is_securing("alarm_control_panel", "arm_away")
    assert not is_securing("lock", "unlock")
    assert not is_securing("alarm_control_panel", "disarm")
    assert not is_securing("siren", "turn_off")


def test_a_jump_is_more_than_five_degrees() -> None:
    """In whatever unit the thermostat has."""
    assert not is_jump(20, 25, "°C")
    assert is_jump(20, 25.5, "°C")
    assert is_jump(20, 10, None)
    assert not is_jump(68, 77, "°F")
    assert is_jump(68, 78, "°F")


def test_a_topic_commands_what_lies_beneath_it() -> None:
    """Zigbee2MQTT's `set/state`, and all of a Tasmota device."""
    assert commands("zigbee2mqtt/door/set/state", ["zigbee2mqtt/door/set"])
    assert commands("CMND/garage/Backlog", ["cmnd/garage/POWER"])
    assert not commands("zigbee2mqtt/doorbell/set", ["zigbee2mqtt/door/set"])
