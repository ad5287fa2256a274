# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that the second screen shows until the site answers; it hears the help key. Pure.

It speaks the kiosk's language, as the site's own pages do. In French it says what the command
line says; whoever reads English is told what is wrong by its cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from sip_endpoints.machine.server.faults import Cause, SiteUnreachable
from sip_endpoints.machine.session.help_wish import WORD
from sip_endpoints.machine.session.pulse import HELP

FRENCH, ENGLISH = "fr", "en"
# The page reads itself again, also without its script: what is waited for changes.
_AGAIN_SECONDS = 2
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<noscript><meta http-equiv="refresh" content="{again_seconds}"></noscript>
<title>{title}</title>
<style>
  body {{ background: #f5f5f0; color: #1c2b36; cursor: none; display: grid; font: 3vw sans-serif;
         margin: 0; min-height: 100vh; place-content: center; text-align: center }}
  h1 {{ font-size: 5vw }}
  p {{ margin: 0 8vw }}
  #help {{ background: #12303b; bottom: 0; color: #fff; font-size: 4vw; font-weight: bold; left: 0;
          margin: 0; padding: 3vh 0; position: fixed; right: 0 }}
</style>
</head>
<body><h1>{heading}</h1><p>{sentence}</p><p id="help" role="status" hidden>{help}</p>
<script>{script}</script></body>
</html>
"""


# Any key is the help key: there is nothing else to be done here. The wish outlasts the page by
# its address, and is seen from outside by its title.
_HEAR_KEY = f"""
"use strict";
let sounds = null;
function show() {{
  document.getElementById("help").hidden = location.hash !== "#{WORD}";
  if (location.hash === "#{WORD}") document.title = document.title.replace("{HELP}", "") + "{HELP}";
}}
document.addEventListener("keydown", (event) => {{
  event.preventDefault();
  if (event.repeat) return;
  sounds ??= new AudioContext();
  const tone = new OscillatorNode(sounds, {{ frequency: 660 }});
  tone.connect(new GainNode(sounds, {{ gain: 0.2 }})).connect(sounds.destination);
  tone.start();
  tone.stop(sounds.currentTime + 0.12);
  location.hash = "#{WORD}";
  show();
}});
show();
setTimeout(() => location.reload(), {_AGAIN_SECONDS} * 1000);
"""


@dataclass(frozen=True, slots=True)
class _Words:
    """What the page says in one language, whatever is waited for."""

    title: str
    heading: str
    help: str


_WORDS: Mapping[str, _Words] = {
    FRENCH: _Words(
        "Guichet virtuel – démarrage",
        "Le guichet virtuel démarre.",
        "Nous préviendrons la mairie dès que la ligne sera revenue.",
    ),
    ENGLISH: _Words(
        "Virtual counter – starting",
        "The virtual counter is starting.",
        "We will tell the town hall as soon as the line is back.",
    ),
}
IN_ENGLISH: Mapping[Cause, str] = {
    Cause.NO_NETWORK: "No network. Check the cable.",
    Cause.NAME_UNKNOWN: "Nothing is called {host}. Check how it is written, and the network.",
    Cause.NO_ANSWER: "{host} does not answer. Check the network cable, the firewall and the"
    " server.",
    Cause.CLOCK_OFF: "The clock of this PC is wrong. Set it, or give it a time server.",
    Cause.CERTIFICATE_ENDED: "The certificate of {host} has ended. Renew it on the server.",
    Cause.CERTIFICATE_UNKNOWN: "The certificate of {host} is not the one that is expected: it"
    " is not the right server, or another authority has made it anew.",
    Cause.REFUSED: "{host} does not speak as a virtual counter does.",
}


def start_page_of(runtime: Path) -> Path:
    """Give where the page lies."""
    return runtime / "start.html"


def waiting_page(fault: SiteUnreachable, host: str, language: str) -> str:
    """Say what is waited for."""
    words = _WORDS.get(language, _WORDS[FRENCH])
    is_english = language == ENGLISH
    sentence = IN_ENGLISH[fault.cause].format(host=host) if is_english else str(fault)
    return _PAGE.format(
        language=language if language in _WORDS else FRENCH,
        again_seconds=_AGAIN_SECONDS,
        title=escape(words.title),
        heading=escape(words.heading),
        sentence=escape(sentence),
        help=escape(words.help),
        script=_HEAR_KEY,
    )
