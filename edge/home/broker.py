"""World: an MQTT broker of our own (amqtt) on 127.0.0.1, for a person who has none yet."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from edge.errors import BrokerError

_CONFIG: Final[dict[str, Any]] = {
    "listeners": {"default": {"type": "external"}},
    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
}

STOP_S: Final = 3.0

_FIXED_HEADER_BYTES_MAX: Final = 5
_MQTT_5: Final = b"\x00\x04MQTT\x05"
_TOO_NEW: Final = b"\x20\x02\x00\x01"
"""CONNACK: a protocol that we do not speak. amqtt would misread the packet and wait for ever."""


class EmbeddedBroker:
    """One broker on a thread of its own. Whoever is on this machine may use it; nobody else can reach it."""

    def __init__(self, port: int = 0) -> None:
        """`port` 0 takes any free one."""
        self._wanted_port = port
        self._port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def url(self) -> str:
        """mqtt://127.0.0.1:PORT; the port is known once it was started."""
        return f"mqtt://127.0.0.1:{self._port or self._wanted_port}"

    def start(self, timeout_s: float = 15.0) -> None:
        """Start and wait until it listens; raises `BrokerError` when it cannot."""
        self._ready.clear()
        self._error = None
        self._thread = threading.Thread(target=self._run, name="edge-broker", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout_s):
            raise BrokerError("The built-in broker did not start in time: try again, or set mqtt.url to a broker.")
        if self._error is not None:
            self._thread.join()
            raise BrokerError(
                f"The built-in broker cannot listen on 127.0.0.1:{self._wanted_port}: free that port, or set"
                " mqtt.embedded_port = 0."
            ) from self._error

    def stop(self) -> None:
        """Stop and wait until the port is free again. Safe to call twice."""
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop is closed: it has stopped already
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(3 * STOP_S)

    def _run(self) -> None:
        # amqtt reports each client's comings and goings; what matters of them the clients themselves report.
        for noisy in ("amqtt", "transitions"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits in start()
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from amqtt.broker import Broker  # noqa: PLC0415 - heavy, and most homes have a broker

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        broker = Broker(_CONFIG, self._loop)
        broker._subscriptions = _Subscriptions()
        await broker.start()
        clients = _Clients(broker)
        try:
            # The socket is ours, not amqtt's: so the port is known, and every connection ends when we do.
            server = await asyncio.start_server(clients.serve, "127.0.0.1", self._wanted_port)
            self._port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
            server.close()
            await clients.end()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await broker.shutdown()


async def _beginning(reader: asyncio.StreamReader) -> bytes:
    """A client's first packet up to the level of its protocol."""
    beginning = await reader.readexactly(2)
    while beginning[-1] & 0x80 and len(beginning) < _FIXED_HEADER_BYTES_MAX:
        beginning += await reader.readexactly(1)
    return beginning + await reader.readexactly(len(_MQTT_5))


class _Again:
    """A client's bytes for amqtt, once more from the beginning."""

    def __init__(self, beginning: bytes, reader: asyncio.StreamReader) -> None:
        self._beginning = beginning
        self._reader = reader

    async def read(self, n: int = -1) -> bytes:
        if n < 0:
            return await self._reader.read(n)
        known, self._beginning = self._beginning[:n], self._beginning[n:]
        return known + await self._reader.readexactly(n - len(known))

    def feed_eof(self) -> None:
        self._reader.feed_eof()


class _Subscriptions(dict[str, Any]):
    """Who subscribed what, by filter.

    amqtt loops over it and waits in between. When somebody comes or goes meanwhile, a plain dict makes it drop the
    client or the message in hand; this one is looped over as it was at the beginning.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self.keys()))

    def items(self) -> Any:
        return tuple((topic_filter, tuple(sessions)) for topic_filter, sessions in super().items())


class _Clients:
    """The connections to the broker."""

    def __init__(self, broker: Any) -> None:
        self._broker = broker
        self._writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its first byte to its last."""
        from amqtt.adapters import StreamWriterAdapter  # noqa: PLC0415 - as the broker itself

        task = asyncio.current_task()
        assert task is not None
        self._writers[task] = writer
        try:
            beginning = await _beginning(reader)
            if beginning.endswith(_MQTT_5):
                writer.write(_TOO_NEW)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
                return
            await self._broker.external_connected(_Again(beginning, reader), StreamWriterAdapter(writer), "default")
        except asyncio.IncompleteReadError:
            pass  # somebody who only looked whether we are here
        except Exception as error:  # noqa: BLE001 - one client's nonsense is no reason to stop for the others
            logging.getLogger(__name__).warning("A client was dropped: %s", type(error).__name__)
        finally:
            del self._writers[task]
            writer.transport.abort()

    async def end(self) -> None:
        """Hang up on everybody, and wait until all have gone."""
        tasks = tuple(self._writers)
        for writer in tuple(self._writers.values()):
            writer.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
