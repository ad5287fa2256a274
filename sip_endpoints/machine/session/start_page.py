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
<meta http-equiv="refresh" content="{again_seconds}">
<title>Guichet virtuel – démarrage</title>
<style>
  body {{ background: #f5f5f0; color: #1c2b36; cursor: none; display: grid; font: 3vw sans-serif;
         margin: 0; min-height: 100vh; place-content: center; text-align: center }}
  h1 {{ font-size: 5vw }}
  p {{ margin: 0 8vw }}
</style>
</head>
<body><h1>Le guichet virtuel démarre.</h1><p>{sentence}</p></body>
</html>
"""


def start_page_of(runtime: Path) -> Path:
    """Give where the page lies."""
    return runtime / "start.html"


def waiting_page(sentence: str) -> str:
    """Say what is waited for."""
    return _PAGE.format(
        again_seconds=_AGAIN_SECONDS,
        sentence=escape(sentence),
    )
