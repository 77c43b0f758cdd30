"""The page's server: Streamlit on loopback, with the settings that the page takes for granted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from optiwright.ui.settings import PageSettings

LOOPBACK = "127.0.0.1"
_LARGEST_UPLOAD_MB = 200


def command(host: str, port: int) -> list[str]:
    """Return the command that starts the server."""
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",  # opens no browser and asks for no e-mail address
        "server.fileWatcherType": "none",
        "server.maxUploadSize": _LARGEST_UPLOAD_MB,
        "server.enableXsrfProtection": "true",
        "browser.serverAddress": host,
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "client.showSidebarNavigation": "false",
        "theme.primaryColor": "#0b6e99",
        "theme.baseRadius": "small",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    app = Path(__file__).with_name("app.py")
    return [sys.executable, "-m", "streamlit", "run", str(app), *flags]


def serve(settings: PageSettings, host: str = LOOPBACK, port: int = 8501) -> None:
    """Become the server; returns only if that cannot be."""
    whole = command(host, port)
    os.execve(whole[0], whole, os.environ | settings.environment())
