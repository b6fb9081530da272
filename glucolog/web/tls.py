"""TLS in front of the app: waitress speaks plain HTTP, so an asyncio relay takes the network side."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from weakref import WeakSet

from glucolog.errors import RefusedError

CHUNK = 64 * 1024
MOST_CONNECTIONS = 64
MOST_OF_ONE = 16
"""Of one device: a browser keeps up to six open, and nobody may hold all of them."""
HANDSHAKE_S = 10.0
READY_S = 10.0
HANG_UP_S = 0.1
"""What aborted connections need to be gone."""


@dataclass(slots=True)
class Relay:
    """Listens with TLS on every address and hands the bytes to a port of this machine, in a thread of its own."""

    port: int
    inner_port: int
    context: ssl.SSLContext
    _loop: asyncio.AbstractEventLoop | None = None
    _end: asyncio.Event | None = None
    _problem: OSError | None = None
    _ready: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _open: Counter[str] = field(default_factory=Counter)
    _ends: WeakSet[asyncio.WriteTransport] = field(default_factory=WeakSet)

    def start(self) -> None:
        """Begin to listen. Raises `RefusedError` when the port is taken."""
        self._thread = threading.Thread(target=self._run, name="tls", daemon=True)
        self._thread.start()
        self._ready.wait(READY_S)
        if self._problem is not None:
            raise port_taken(self.port)

    def stop(self) -> None:
        """End the relay with its connections."""
        if self._thread and self._thread.is_alive() and self._loop and self._end:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(READY_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except OSError as error:
            self._problem = error
        finally:
            self._ready.set()

    async def _listen(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._serve, "0.0.0.0", self.port, ssl=self.context, ssl_handshake_timeout=HANDSHAKE_S  # noqa: S104
        )  # fmt: skip
        self._ready.set()
        await self._end.wait()
        server.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        """End what is still open, and wait for it; a goodbye that nobody answers would hold its socket."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in self._ends:
            end.abort()
        await asyncio.sleep(HANG_UP_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._ends.add(writer.transport)
        peer = str(writer.get_extra_info("peername")[0])
        if self._open.total() >= MOST_CONNECTIONS or self._open[peer] >= MOST_OF_ONE:
            writer.transport.abort()
            return
        self._open[peer] += 1
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.inner_port)
            self._ends.add(inner_writer.transport)
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        except OSError:
            writer.transport.abort()
        finally:
            self._open[peer] -= 1


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
    except (OSError, asyncio.IncompleteReadError):
        return  # one side is gone; closing the other is all there is to do
    finally:
        target.close()


def port_taken(port: int) -> RefusedError:
    """Return the refusal of a port that another program has."""
    return RefusedError(f"Port {port} is taken by another program.", "Choose another one with --port.")
