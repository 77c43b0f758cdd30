"""Makes the README's two pictures of the page: `python -m tests.page_pictures`, from the root.

It needs what the tests of the page need (Chromium, playwright), and Pillow; no model.
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.conversations import PROBLEM
from tests.page_server import ROOT, WIDE, chromium, opened, plays, say, served

SETTLED_MS = 2500
"""After which charts are drawn and nothing moves any more."""


def main() -> None:
    """Make both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), plays, arguments=("--effort", "quick")) as server,
        chromium() as browser,
    ):
        page = opened(browser, server.address, viewport=WIDE, color_scheme="light")
        say(page, PROBLEM)
        expect(page.get_by_role("heading", name="7,060 euros")).to_be_visible()
        keep(page, "page-answer.png")
        page.get_by_role("tab", name="Formulation").click()
        page.get_by_role("button", name="Text of capacity").click()
        keep(page, "page-formulation.png")


def keep(page: Page, name: str) -> None:
    """Write what is seen into docs/, in 256 colours."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLED_MS)
    with Image.open(BytesIO(page.screenshot())) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(ROOT / "docs" / name, optimize=True)


if __name__ == "__main__":
    main()
