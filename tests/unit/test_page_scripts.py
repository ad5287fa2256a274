# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages' scripts leave behind in a page that is written over by an answer."""

import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "booking_web" / "static"
TEMPLATES = STATIC.parent / "templates"
_ONCE = re.compile(r"^(const|let|class) (\w+)", re.MULTILINE)
_MODULE = re.compile(r'<script(?=[^>]*type="module")[^>]*filename=\'([^\']+)\'')
# They are on the kiosk's screen alone, which sends nothing and is never written over.
KIOSK = "kiosk/"


def test_no_script_declares_what_a_page_knows_only_once() -> None:
    """An answer is written into the page that sent it, whose names stay (`sending.js`)."""
    modules = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in _MODULE.findall(page.read_text())
    }
    assert modules
    found = {
        (name, declared[2])
        for path in STATIC.rglob("*.js")
        if "vendor" not in path.parts
        and (name := str(path.relative_to(STATIC))) not in modules
        and not name.startswith(KIOSK)
        for declared in _ONCE.finditer(path.read_text())
    }
    assert found == set()
