# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lists of docs/operate.md that are made of all rooms' code, each after its mark.

`python -m tests.unit.operate_lists`, with `script` on the path, writes them into the page
anew; a test compares. The server's units, ports and files: `provisioning.server.listing`.
"""

import dataclasses
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import sip_endpoints.machine.system.choices as choices
from booking_web.base.settings import Settings
from device_bridge.settings import BridgeSettings
from provisioning.asterisk import certificates
from provisioning.directory import enrolment, kiosk_secrets
from provisioning.directory.screen_enrolment import SCREEN_CODE_LASTS
from provisioning.directory.softphone_links import LINK_LASTS
from provisioning.server.answers import Answers
from provisioning.server.backup.choices import Choices as BackupChoices
from sip_endpoints import settings as endpoints
from sip_endpoints.machine.checks.sentences import CAUSES
from sip_endpoints.machine.system.places import Places
from tests.unit.operate_words import WORDS

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGE = DOCS / "operate.md"
MARK = "<!-- made by tests/unit/operate_lists.py: {} -->"
UNIT = re.compile(r"guichet-kiosk\.([\w@-]+\.(?:service|timer|target))")
# The tables of a bundle, as `guichet-provision` writes it.
BUNDLE = {
    "sip": endpoints.SipSettings,
    "media": endpoints.MediaSettings,
    "control": endpoints.ControlSettings,
    "kiosk": endpoints.KioskSettings,
    "counsellor": endpoints.CounsellorSettings,
}
NEEDED = "needed"
HEAD = ("key", "default", "meaning")
# Their first sentence says of each key what it means.
SPEAKING = (
    choices.Devices,
    choices.Screens,
    choices.Network,
    choices.Updates,
    choices.Captions,
    choices.Line,
)

Row = Sequence[str]


class Untold(LookupError):
    """A setting stands in no page of docs/: its reader learns nothing of it."""


def settings() -> str:
    """Give every setting of pages, dispatcher and senders."""
    return _table(HEAD, _rows(Settings))


def answers() -> str:
    """Give every key of server.toml."""
    return _table(HEAD, _answer_rows(Answers, ""))


def backup() -> str:
    """Give every key of backup.toml."""
    return _table(HEAD, _rows(BackupChoices, page="backup.md"))


def bridge() -> str:
    """Give every setting of the bridge."""
    return _table(HEAD, _rows(BridgeSettings, page="devices.md"))


def endpoint() -> str:
    """Give every key of a telephone's bundle."""
    rows = [
        row
        for table, kind in BUNDLE.items()
        for row in _rows(kind, table=table, page="endpoints.md")
    ]
    return _table(HEAD, rows)


def kiosk_choices() -> str:
    """Give every key of kiosk.toml."""
    rows: list[Row] = []
    for field in dataclasses.fields(choices.Choices):
        value = getattr(choices.Choices(), field.name)
        if dataclasses.is_dataclass(value):
            rows += _rows(type(value), table=field.name, page="install.md")
        else:
            meaning = _meaning(choices.Choices, field.name, "install.md")
            rows.append((f"`{field.name}`", _written(value), meaning))
    return _table(HEAD, rows)


def kiosk_units() -> str:
    """Give every unit of a kiosk, whom it runs as, what it does."""
    rows = []
    for file in sorted((REPOSITORY / "debian").glob("guichet-kiosk.*")):
        if found := UNIT.fullmatch(file.name):
            text = file.read_text()
            user = re.search(r"(?m)^User=(.+)$", text)
            does = re.search(r"(?m)^Description=(?:Guichet virtuel: )?(.+)$", text)
            assert does is not None, file
            rows.append((f"`{found[1]}`", user[1] if user else "-", does[1]))
    return _table(("unit", "runs as", "does"), rows)


def kiosk_files() -> str:
    """Give every file and folder of a kiosk, and what it holds."""
    places, rows = Places(), []
    for name, member in inspect.getmembers(Places, _is_property):
        path = getattr(places, name)
        if isinstance(path, Path):
            holds = _first_sentence(member.fget).removeprefix("Give ").rstrip(".")
            rows.append((f"`{path}`", holds))
    return _table(("path", "holds"), sorted(rows))


def lifetimes() -> str:
    """Give what ends by itself: certificates, codes, links."""
    return _table(
        ("what", "lasts", "then"),
        [
            (
                "the site's own authority, `ca.pem`",
                _days(certificates.AUTHORITY_LIFETIME),
                "every kiosk and softphone must be given a new one",
            ),
            (
                "the server's certificate, `server.pem`",
                _days(certificates.SERVER_LIFETIME),
                f"renewed by itself {_days(certificates.RENEW_BEFORE)} before",
            ),
            ("a kiosk's enrolment code", _days(enrolment.CODE_LASTS), "make a new one"),
            (
                "a kiosk's former secrets, after `rotate`",
                _days(kiosk_secrets.GRACE),
                "they open nothing any more",
            ),
            ("a second screen's code", _days(SCREEN_CODE_LASTS), "make a new one"),
            ("a softphone's link", _days(LINK_LASTS), "make a new one"),
        ],
    )


def causes() -> str:
    """Give every cause of a kiosk's self-test, as its terminal tells it."""
    return _table(
        ("cause", "what the kiosk says"),
        [(f"`{cause}`", sentence) for cause, sentence in sorted(CAUSES.items())],
    )


LISTS: tuple[Callable[[], str], ...] = (
    settings,
    answers,
    backup,
    bridge,
    endpoint,
    kiosk_choices,
    kiosk_units,
    kiosk_files,
    lifetimes,
    causes,
)


def marked(make: Callable[[], str]) -> str:
    """Give a list with its mark, as the page must have it."""
    return f"{MARK.format(make.__name__)}\n\n{make()}"


def rewritten(page: str) -> str:
    """Give the page with every list made anew."""
    for make in LISTS:
        mark = re.escape(MARK.format(make.__name__))
        new = marked(make)
        page = re.sub(rf"{mark}\n\n(?:\|.*\n)*", lambda _found: new, page)
    return page


def _rows(kind: type[Any], *, table: str = "", page: str = "") -> list[Row]:
    # What a kind has of the one above it comes last.
    above = {
        name
        for each in kind.__mro__[1:]
        for name in vars(each).get("__annotations__", ())
    }
    return [
        (
            f"`[{table}] {field.name}`" if table else f"`{field.name}`",
            _default(field),
            _meaning(kind, field.name, page, table),
        )
        for field in sorted(
            dataclasses.fields(kind), key=lambda each: each.name in above
        )
    ]


def _answer_rows(kind: type[BaseModel], table: str) -> Iterator[Row]:
    for name, field in kind.model_fields.items():
        inner = [
            each
            for each in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(each, type) and issubclass(each, BaseModel)
        ]
        if inner:
            yield from _answer_rows(inner[0], name)
            continue
        default = NEEDED if field.is_required() else _written(field.default)
        key = f"`[{table}] {name}`" if table else f"`{name}`"
        yield key, default, _meaning(kind, name, "install.md", table)


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is not dataclasses.MISSING:
        return _written(field.default)
    if field.default_factory is not dataclasses.MISSING:
        return _written(field.default_factory())
    return NEEDED


def _written(value: Any) -> str:
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value.value if isinstance(value, Enum) else value)


def _meaning(kind: type[Any], name: str, page: str = "", table: str = "") -> str:
    """Say what a key means, and which page tells more; raises Untold.

    It is ours, else the comment above the field, as whoever reads the code has it, else what
    a table of that page says.
    """
    own = WORDS.get(f"[{table}] {name}" if table else name, "")
    told = page if own and page else _told_in(name, page)
    meaning = own or _comments(kind).get(name) or _cell(told, name)
    if kind in SPEAKING:
        meaning = meaning or _first_sentence(kind)
    if not meaning:
        raise Untold(name)
    return f"{meaning.rstrip('.')} ([{told}]({told}))".replace("|", "\\|")


def _cell(page: str, name: str) -> str:
    row = re.search(
        rf"(?m)^\|[^|]*`{name}`[^|]*\|.*\|\s*([^|]+?)\s*\|$", (DOCS / page).read_text()
    )
    return row[1].strip() if row else ""


def _comments(kind: type[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    above: list[str] = []
    kinds = [each for each in kind.__mro__ if dataclasses.is_dataclass(each)] or [kind]
    source = io.StringIO("".join(map(inspect.getsource, kinds)))
    for token in tokenize.generate_tokens(source.readline):
        if token.type == tokenize.COMMENT:
            above.append(token.string.removeprefix("#").strip())
        elif token.type == tokenize.NAME:
            # The first name of a line is that of the field below the comment.
            if above and re.match(rf"\s+{token.string}\s*:", token.line):
                found[token.string] = " ".join(above)
            above = []
    return found


def _told_in(name: str, page: str) -> str:
    """Name the page that tells of the setting: a row of a table before a mere mention."""
    word = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    pages = [DOCS / page] if page else sorted(set(DOCS.glob("*.md")) - {PAGE})
    for pattern in (rf"(?m)^\|[^|]*`{word}`[^|]*\|", rf"`{word}`", word):
        for each in pages:
            if re.search(pattern, each.read_text()):
                return each.name
    raise Untold(name)


def _first_sentence(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _is_property(member: Any) -> bool:
    return isinstance(member, property)


def _days(lasts: timedelta) -> str:
    return f"{lasts.days} days"


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(re.sub(r"  +", " ", line) for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))
