# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of a scan's pages as one browser has it, and the colours of the pages kept."""

import html

import pypdfium2

from stage.html_forms import forms_of
from stage.waiting import wait_for

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)
NAMES = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}


class Table:
    """The page of a scan's pages, as one browser has it."""

    def __init__(self, client, appointment: int, number: int) -> None:
        self.client = client
        self.address = f"/rendez-vous/{appointment}/documents/{number}/arranger"
        self.document = f"/rendez-vous/{appointment}/documents/{number}.pdf"
        self.look()

    def look(self) -> str:
        """See it as it is now."""
        self.page = html.unescape(self.client.get(self.address).text)
        form = next(f for f in forms_of(self.page) if f.action == self.address)
        self.values = {
            "csrf_token": form.values["csrf_token"],
            "revision": form.values["revision"],
        }
        return self.page

    def press(self, act: str = "", at: str = "", **values: str):
        """Send a form as the page was seen, and see what it leads to."""
        told = self.values | ({"geste": act} if act else {}) | values
        return self.client.post(f"{self.address}{at}", data=told)

    def do(self, act: str = "", at: str = "", **values: str) -> str:
        """Send a form and see the page again."""
        answer = self.press(act, at, **values)
        assert answer.status_code == 303, answer.status_code
        return self.look()

    def keep(self, **values: str) -> bytes:
        """Keep the pages as they lie, and give the document."""
        answer = self.press("", "/garder", **values)
        assert answer.status_code == 303
        # A machine that has much to do goes on with it beside the page.
        wait_for(lambda: "Enregistrement en cours" not in self.look(), "it is kept")
        assert "Pas encore enregistré" not in self.page
        return self.pdf()

    def pdf(self) -> bytes:
        return self.client.get(self.document).data


def drawn(pdf: bytes) -> list[tuple[tuple[int, int], list[str]]]:
    """Give size and colours of each page: in the upper and the lower part of it."""
    found = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            picture = page.render(scale=0.2).to_pil().convert("RGB")
            width, height = picture.size
            spots = [(width // 2, height // 5), (width // 10, height * 9 // 10)]
            colours = [nearest(picture.getpixel(spot)) for spot in spots]
            size = tuple(round(side) for side in page.get_size())
            found.append((size, colours))
    return found


def nearest(colour: tuple[int, int, int]) -> str:
    distance = {
        known: sum((a - b) ** 2 for a, b in zip(known, colour, strict=True))
        for known in NAMES
    }
    return NAMES[min(distance, key=distance.__getitem__)]


def tops(pdf: bytes) -> list[str]:
    return [colours[0] for _, colours in drawn(pdf)]
