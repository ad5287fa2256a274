# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that the second screen shows until the site answers. Pure."""

from html import escape
from pathlib import Path

# The page reads itself again, so that it needs no script.
_AGAIN_SECONDS = 2
_PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="{refresh}">
<title>Guichet virtuel – démarrage</title>
<style>
  body {{ background: #f5f5f0; color: #1c2b36; cursor: none; display: grid; font: 3vw sans-serif;
         margin: 0; min-height: 100vh; place-content: center; text-align: center }}
  h1 {{ font-size: 5vw }}
  p {{ margin: 0 8vw }}
</style>
</head>
<body><h1>{heading}</h1><p>{sentence}</p></body>
</html>
"""


def start_page_of(runtime: Path) -> Path:
    """Give where the page lies."""
    return runtime / "start.html"


def waiting_page(sentence: str) -> str:
    """Say what is waited for."""
    return _PAGE.format(
        refresh=_AGAIN_SECONDS,
        heading="Le guichet virtuel démarre.",
        sentence=escape(sentence),
    )


def leading_page(address: str) -> str:
    """Lead to the site at once."""
    return _PAGE.format(
        refresh=f"0;url={escape(address, quote=True)}",
        heading="Le guichet virtuel démarre.",
        sentence="",
    )
