"""Run the service until a signal ends it."""

import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from pspm_runtime.command.standard_streams import flush_standard_output, print_error, print_output
from pspm_runtime.errors import PspmError
from pspm_runtime.server.app import application
from pspm_runtime.server.connection import Connection
from pspm_runtime.server.models import Models
from pspm_runtime.server.photos import Photos
from pspm_runtime.server.settings import TOKEN_VARIABLE, Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; photos in work or waiting are finished first, also those whose callers have gone.

    Returns the exit code. Raises PspmError, before anything is served, for an address that is taken or not ours.
    """
    with _listening(settings.host, settings.port) as listener:
        photos = Photos(settings, Models(settings))
        print_output(
            f"pspm serve: {_address(listener)} (photos at once: {settings.workers}, waiting: {settings.queue})"
        )
        if settings.token is None and not _is_local(settings.host):
            print_output(f"pspm serve: everyone who reaches {settings.host} may use it; {TOKEN_VARIABLE} sets a token")
        flush_standard_output()
        server = _Server(photos)
        server.run(sockets=[listener])
        if not photos.workers.stop(0 if server.force_exit else settings.seconds):
            # A thread cannot be stopped within a network, and Python's end would tear it out of there.
            print_error("pspm serve: a photo in work was given up")
            os._exit(1)
    return 0


def configuration(photos: Photos) -> uvicorn.Config:
    """How uvicorn runs the application."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what callers do wrong is in the metrics
    return uvicorn.Config(
        application(photos),
        http=Connection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(2 * photos.settings.seconds + 1),
    )


class _Server(uvicorn.Server):
    """Ends in good order, with exit code 0, at the first signal, and at once at the second."""

    def __init__(self, photos: Photos) -> None:
        super().__init__(configuration(photos))
        self._photos = photos

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._photos.stopping = True


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens. Raises PspmError if it cannot."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise PspmError(f"{host} is no address of this machine ({_said(error)}); choose another --host") from None
    with listener:
        try:
            if os.name != "nt":  # there it would share the port with whoever has it
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError as error:
            raise PspmError(
                f"{host}:{port} cannot be used ({_said(error)}); choose another --port or --host, or stop what uses it"
            ) from None
        yield listener


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
