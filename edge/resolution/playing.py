"""Resolution of the intents for media players. Their states tell which one is meant, and how loud it is."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.knowledge import Device, Media
from edge.names import fold
from edge.records import Ambiguous, Resolution, Unresolved
from edge.resolution.effects import Effect
from edge.resolution.request import Request, action, ids_of
from edge.resolution.selection import Selection

VOLUME_STEP: Final = 10
"""Percent, for "louder" and "quieter"."""

_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "movie": frozenset({"movie", "film", "video"}),
    "track": frozenset({"track", "song", "music"}),
    "tv_show": frozenset({"tv_show", "show", "series"}),
    "audiobook": frozenset({"audiobook", "book"}),
    "video": frozenset({"movie", "film", "video", "tv_show", "show", "series"}),
    "sound": frozenset({"song", "track", "music", "album", "audiobook", "book", "podcast", "playlist"}),
}
_JUST_MUSIC: Final = frozenset({"music", "song", "songs", "tunes", "something", "anything"})
"""No title: the player goes on with what it has."""

_ARTICLES: Final = ("the ", "a ", "an ", "some ", "my ")


def is_player(device: Device) -> bool:
    """Whether it plays music or films."""
    return device.domain == "media_player"


def control(command: str) -> Callable[[Request], Resolution]:
    """A command without values: pause, play, next, previous."""
    return lambda request: _on_player(request, lambda _: Effect(command))


def mute(request: Request) -> Resolution:
    """HassMediaPlayerMute: what cannot be muted is turned all the way down."""

    def effect(players: tuple[Device, ...]) -> Effect:
        if all("mute" in player.capabilities for player in players):
            return Effect("mute", {"muted": True})
        return Effect("set_volume", {"volume": 0})

    return _on_player(request, effect)


def unmute(request: Request) -> Resolution:
    """HassMediaPlayerUnmute."""

    def effect(players: tuple[Device, ...]) -> Effect | Unresolved:
        if all("mute" in player.capabilities for player in players):
            return Effect("mute", {"muted": False})
        return Unresolved("cannot", "remember how loud it was", ids_of(players))

    return _on_player(request, effect)


def set_volume(request: Request) -> Resolution:
    """HassSetVolume."""
    volume = request.slots["volume_level"]

    def effect(players: tuple[Device, ...]) -> Effect | Unresolved:
        if not 0 <= volume <= 100:
            return Unresolved("out_of_range", "0 to 100 percent", ids_of(players))
        return Effect("set_volume", {"volume": volume})

    return _on_player(request, effect)


def step_volume(request: Request) -> Resolution:
    """HassSetVolumeRelative: "up", "down", by so many percent, or so many times as loud."""
    step = request.slots.get("volume_step", 0)
    change = {"up": VOLUME_STEP, "down": -VOLUME_STEP}.get(step, step)
    factor = request.slots.get("volume_factor", 1)

    def effect(players: tuple[Device, ...]) -> Effect | Unresolved:
        now = request.state(players[0]).attributes.get("volume")
        if not isinstance(now, int | float):
            return Unresolved("cannot", "tell me how loud it is", ids_of(players))
        return Effect("set_volume", {"volume": round(min(100, max(0, now * factor + change)))})

    return _on_player(request, effect)


def play(request: Request) -> Resolution:
    """HassMediaSearchAndPlay: a title of the catalogue, and a choice where a title is there more than once."""
    query = str(request.slots["search_query"])
    selection = _players(request)
    if isinstance(selection, Unresolved):
        return selection
    offers = {
        player.device_id: _titles(player, query, request.slots.get("media_class")) for player in selection.devices
    }
    players = tuple(player for player in selection.devices if offers[player.device_id])
    if not players and _bare(query) in _JUST_MUSIC:
        return action(selection, Effect("play"))
    if not players:
        return Unresolved("nothing_there", query, ids_of(selection.devices))
    options = offers[players[0].device_id]
    if len(players) == 1 and len(options) == 1:
        return action(Selection(players), Effect("play_media", options[0]))
    return Ambiguous(ids_of(players), "play_media", {}, options)


def _on_player(request: Request, effect_on: Callable[[tuple[Device, ...]], Effect | Unresolved]) -> Resolution:
    selection = _players(request)
    if isinstance(selection, Unresolved):
        return selection
    effect = effect_on(selection.devices)
    return effect if isinstance(effect, Unresolved) else action(selection, effect)


def _players(request: Request) -> Selection | Unresolved:
    """Where neither name nor place tells, the one player that is playing is meant."""
    selection = request.to_move(is_player)
    if isinstance(selection, Unresolved) or len(selection.devices) == 1:
        return selection
    busy = tuple(device for device in selection.devices if request.state(device).value in {"playing", "paused"})
    return Selection(busy) if len(busy) == 1 else Selection(selection.devices, undecided=True)


def _titles(player: Device, query: str, media_class: str | None) -> tuple[Mapping[str, Any], ...]:
    """The values of every title that fits; a player without a catalogue is asked for what was said."""
    if not player.catalogue:
        kind = {"media_kind": media_class} if media_class and media_class not in {"sound", "video"} else {}
        return ({"title": query, **kind},)
    kinds = _KINDS.get(media_class, frozenset({media_class})) if media_class else None
    fitting = [item for item in player.catalogue if kinds is None or item.kind in kinds]
    wanted = _bare(query)
    named = [item for item in fitting if wanted in {_bare(item.title), f"{_bare(item.title)} by {fold(item.by)}"}]
    by_artist = [item for item in fitting if item.by and wanted == fold(item.by)]
    return tuple(_values(item) for item in named or by_artist)


def _values(item: Media) -> Mapping[str, Any]:
    return {"title": item.title, "media_kind": item.kind, **({"by": item.by} if item.by else {})}


def _bare(text: str) -> str:
    folded = fold(text)
    for article in _ARTICLES:
        folded = folded.removeprefix(article)
    return folded


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    "HassMediaPause": control("media_pause"),
    "HassMediaUnpause": control("play"),
    "HassMediaNext": control("next"),
    "HassMediaPrevious": control("previous"),
    "HassMediaPlayerMute": mute,
    "HassMediaPlayerUnmute": unmute,
    "HassMediaSearchAndPlay": play,
    "HassSetVolume": set_volume,
    "HassSetVolumeRelative": step_volume,
}
