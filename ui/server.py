"""The page's server: Streamlit's own application behind the door, in this process."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.web import bootstrap

from optiwright.ui import page as preloaded
from optiwright.ui.access import People, is_loopback
from optiwright.ui.guard import Guard
from optiwright.ui.sign_in import Door

__all__ = ["preloaded", "run"]  # the first visitor need not wait for the page's imports

_LARGEST_UPLOAD_MB = 200
_WIND_DOWN_S = 1
_LOCAL = ("localhost", "127.0.0.1", "::1")


def run(listener: socket.socket, host: str, people: People | None) -> None:
    """Serve the page on a bound socket; Ctrl-C ends it with a `KeyboardInterrupt`.

    Args:
        listener: the socket; nobody is heard before.
        host: what it was bound to, by name.
        people: who may come, by token; None where nobody is asked for one.
    """
    address = _address(host, listener.getsockname()[1])
    bootstrap.load_config_options(_options(host))
    door = [Middleware(Door, people=people)] if people is not None else []
    app = st.App(
        Path(__file__).with_name("app.py"),
        middleware=[Middleware(Guard, hosts={*_LOCAL, host} if is_loopback(host) else None), *door],
        on_script_error=_say_fault,
    )
    server = _Server(
        uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_WIND_DOWN_S,
        ),
        address,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn ends first, then this is called
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn, which says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"Optiwright is at {self._address} until Ctrl-C.\n")
            sys.stdout.flush()
            threading.Thread(target=_open_browser, args=[self._address], daemon=True).start()


def _options(host: str) -> dict[str, Any]:
    return {
        "server.address": host,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": _LARGEST_UPLOAD_MB,
        "server.enableXsrfProtection": True,
        "logger.level": "critical",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "client.showSidebarNavigation": False,
        # Set for both: a colour for all themes would make one, light, of them.
        "theme.light.primaryColor": "#0b6e99",
        "theme.dark.primaryColor": "#4fb3dc",
    }


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _open_browser(address: str) -> None:
    """Open a browser where there is a screen to show it on."""
    screens = {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if screens or not sys.platform.startswith("linux"):
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(address)


def _say_fault(error: Exception) -> bool:
    """Tell the visitor that something failed, and whoever runs the server what and where."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    sys.stderr.write(f"optiwright: the page failed: {type(error).__name__} at {place}\n")
    st.error(
        "This part of the page failed, by a fault of ours. What was said and solved is kept: "
        "reload the page.",
        icon=":material/error:",
    )
    return True
