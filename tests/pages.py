"""An HTML page read strictly: what closes, what it would fetch or run, what a reader sees of it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "br", "rect", "path", "line", "circle", "polyline", "mspace"}
_FETCHING = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
_ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "background"}


class Page(HTMLParser):
    """Checks that tags close in order, and keeps what the page would fetch or run.

    Attributes:
        fetched: elements and addresses that a browser would follow or run.
        words: the text that is shown, in its order.
        outline: the levels of the headings, in their order.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.outline: list[int] = []
        self.feed(text)
        self.close()
        assert self.open == []

    @property
    def shown(self) -> str:
        """The words with single blanks between them."""
        return " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.outline.append(int(tag[1]))
        if tag in {"br", "p", "li", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "pre"}:
            self.words.append(" ")
        if tag in _FETCHING:
            self.fetched.append(tag)
        for name, value in attrs:
            words = name in {"alt", "aria-label", "title"}
            fetches = "url(" in (value or "") and not words
            if name in _ADDRESSES or name.startswith("on") or fetches:
                self.fetched.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)
        else:
            assert "@import" not in data and "url(" not in data
