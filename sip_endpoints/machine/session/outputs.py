# SPDX-License-Identifier: AGPL-3.0-or-later
"""The screens as sway sees them; through swaymsg, its own program."""

import base64
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from sip_endpoints.machine.system.choices import Screens
from sip_endpoints.machine.system.errors import ProgramFailed, ProgramTooSlow
from sip_endpoints.machine.system.programs import Run, run

CALL_WORKSPACE, PAGES_WORKSPACE = 1, 2
_LIMIT_SECONDS = 10.0
# swaymsg gives up by itself after three seconds.
_NOT_ANSWERED = "Unable to receive IPC response"
# Seen from the resident's chair.
_DIGIT_FONT, _NOTICE_FONT = "sans bold 220", "sans 40"
# Of the layers, these lie above and below a window that has the whole screen.
_ABOVE, _BELOW = "overlay", "top"
# What is drawn by `script/make-first-screen`, and its ground.
PICTURES = Path(__file__).parents[2] / "first_screen"
FRENCH = "fr"
_GROUND = "#12303b"


@dataclass(frozen=True, slots=True)
class Output:
    """A screen that is plugged in: its connector, what it calls itself, what it shows."""

    name: str
    model: str
    width: int
    height: int
    workspace: str


@dataclass(frozen=True, slots=True)
class Window:
    """A program's window."""

    title: str
    program: str
    workspace: str
    is_fullscreen: bool


class SessionAway(ProgramFailed):
    """Sway does not run, or does not answer."""


class SessionHangs(SessionAway):
    """Sway takes what is asked and does not answer."""


class Session:
    """The running session of the kiosk."""

    def __init__(self, socket: Path, run: Run = run) -> None:
        self.socket = socket
        self._run = run

    def outputs(self) -> list[Output]:
        """Give the screens that are on, by their names."""
        found = [
            Output(
                str(each.get("name", "")),
                f"{each.get('make', '')} {each.get('model', '')}".strip(),
                int(each.get("rect", {}).get("width", 0)),
                int(each.get("rect", {}).get("height", 0)),
                str(each.get("current_workspace") or ""),
            )
            for each in self._ask("get_outputs")
            if each.get("active")
        ]
        return sorted(found, key=lambda each: each.name)

    def windows(self) -> list[Window]:
        """Give every window and where it is."""
        return list(_windows(self._ask("get_tree"), ""))

    def windows_of(self, program: str) -> list[Window]:
        """Give the windows of a program, such as the browser."""
        return [each for each in self.windows() if program in each.program]

    def order(self, command: str) -> None:
        """Have sway do something."""
        self._message([command])

    def _ask(self, question: str) -> Any:
        try:
            return json.loads(self._message(["-t", question]))
        except ValueError as error:
            raise SessionAway("La session graphique répond de travers.") from error

    def _message(self, arguments: list[str]) -> str:
        words = ["swaymsg", "--raw", "--socket", str(self.socket), *arguments]
        try:
            ran = self._run(words, limit_seconds=_LIMIT_SECONDS, may_fail=True)
        except ProgramTooSlow as error:
            raise SessionHangs("La session graphique ne répond pas.") from error
        if ran.code == 1 and not self.socket.exists():
            raise SessionAway("La session graphique n'est pas démarrée.")
        if _NOT_ANSWERED in ran.errors and self.socket.exists():
            raise SessionHangs("La session graphique ne répond pas.")
        if ran.code:
            raise SessionAway(
                f"La session graphique refuse : {ran.errors.strip()[:200]}"
            )
        return ran.output


def _windows(node: dict[str, Any], workspace: str) -> list[Window]:
    if node.get("type") == "workspace":
        workspace = str(node.get("name", ""))
    found: list[Window] = []
    if node.get("pid") and node.get("type") in ("con", "floating_con"):
        properties = node.get("window_properties") or {}
        found.append(
            Window(
                str(node.get("name") or ""),
                str(node.get("app_id") or properties.get("class") or ""),
                workspace,
                bool(node.get("fullscreen_mode")),
            )
        )
    for below in [*node.get("nodes", []), *node.get("floating_nodes", [])]:
        found += _windows(below, workspace)
    return found


def screen_lines(screens: Screens) -> str:
    """Give sway's lines for the chosen outputs; none where nothing was chosen."""
    lines = [
        f'workspace {workspace} output "{output}"'
        for workspace, output in (
            (CALL_WORKSPACE, screens.call),
            (PAGES_WORKSPACE, screens.pages),
        )
        if output
    ]
    return "\n".join([*lines, ""])


def chosen(screens: Screens, outputs: list[Output]) -> tuple[str, str]:
    """Give the outputs of the call and of the pages among those that are there.

    What was not chosen stays where sway has put it.
    """
    names = [each.name for each in outputs]
    where = {each.workspace: each.name for each in outputs}
    call = screens.call or where.get(str(CALL_WORKSPACE), "")
    pages = screens.pages or where.get(str(PAGES_WORKSPACE), "")
    call, pages = (each if each in names else "" for each in (call, pages))
    rest = [name for name in names if name not in (call, pages)]
    call = call or (rest.pop(0) if rest else pages)
    pages = pages or (rest.pop(0) if rest else call)
    return call, pages


def placing_orders(call: str, pages: str) -> list[str]:
    """Give the orders that bring both workspaces where they belong, without a new session.

    The pages are ordered last: the keys are theirs.
    """
    orders = []
    for workspace, output in ((CALL_WORKSPACE, call), (PAGES_WORKSPACE, pages)):
        orders.append(f"workspace number {workspace}")
        orders.append(f'move workspace to output "{output}"')
    return orders


def digit_order(output: str, digit: int, seconds: int) -> str:
    """Give the order that writes a large digit over a screen for some seconds."""
    return _banner_order(output, str(digit), _DIGIT_FONT, seconds)


def notice_order(output: str, text: str, seconds: int, *, is_covered: bool) -> str:
    """Give the order that writes a sentence at the top of a screen for some seconds.

    One that is covered lies below a window that asks for the whole screen. The counsellor's picture
    does not: it has all but the strip of the sentence, and is not covered by it either.
    """
    return _banner_order(
        output, text, _NOTICE_FONT, seconds, _BELOW if is_covered else _ABOVE
    )


def pages_ground_order(outputs: list[Output], language: str = FRENCH) -> str | None:
    """Give the order that lays "one moment" behind the pages; None where a call may be there.

    It is seen where the browser is not: as it begins anew after a call, or was killed. What the
    session itself lays there says that the camera is off, and would be seen in a call as well.
    """
    where = {each.workspace: each.name for each in outputs}
    pages, call = where.get(str(PAGES_WORKSPACE)), where.get(str(CALL_WORKSPACE))
    if pages is None or call is None:
        return None
    drawn = PICTURES / f"pages-away.{language}.png"
    picture = drawn if drawn.exists() else PICTURES / f"pages-away.{FRENCH}.png"
    return f'output {pages} background "{picture}" fill {_GROUND}'


def _banner_order(
    output: str, text: str, font: str, seconds: int, layer: str = _ABOVE
) -> str:
    # Sway reads the order, then a shell, then Pango its markup: what passes all three as it
    # is is base64, of a text that is markup.
    written = base64.b64encode(escape(text, quote=False).encode()).decode()
    return (
        f"exec timeout {seconds} swaynag --output {output} --layer {layer}"
        f" --font '{font}' --background '#ffffff' --text '#000000'"
        f" --message \"$(echo {written} | base64 --decode)\" --dismiss-button ''"
    )
