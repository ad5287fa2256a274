# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system in which a counsellor telephones in the browser, and the desk at which they do."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from stage.browser_desk import BrowserDesks
from stage.stack import INVENTORY, Stage


def with_browser_telephone(directory: Path, counsellor: str, email: str) -> Path:
    """Write the demo's inventory, this counsellor's telephone being a page of this account."""
    return with_browser_telephones(directory, {counsellor: email})


def with_browser_telephones(directory: Path, accounts: Mapping[str, str]) -> Path:
    """Write it for several counsellors, each with their account."""
    text = INVENTORY.read_text()
    for counsellor, email in accounts.items():
        for table, name, added in (
            ("counsellors", f'slug = "{counsellor}"', "browser = true"),
            ("users", f'email = "{email}"', f'counsellor = "{counsellor}"'),
        ):
            head = rf"(\[\[{table}\]\]\n{re.escape(name)}\n)"
            text, times = re.subn(head, rf"\1{added}\n", text)
            assert times == 1, f"{name} is not at the head of its table"
    file = directory / "inventory.toml"
    file.write_text(text)
    return file


def open_desk(
    stage: Stage,
    desks: BrowserDesks,
    email: str,
    *,
    beside: Page | None = None,
    **options: Any,
) -> Page:
    """Give the desk of the account; `beside` another tab of the same browser."""

    if beside is not None:
        page = beside.context.new_page()
        page.goto(beside.url)
        return page
    return desks.sign_in(email, stage.passwords()[email], **options)
