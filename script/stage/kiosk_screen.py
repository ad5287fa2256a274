# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's second screen on a stage: its browser is let in by a code, as at a relay."""

import json

import requests

from stage.html_forms import forms_of
from stage.stack import Stage
from stage.waiting import PATIENCE

ANSWER_SECONDS = 10 * PATIENCE


def screen_address(stage: Stage, kiosk: str) -> str:
    """Give an address, good once, that makes the browser which opens it the screen."""
    told = stage.provision("let-in-screen", kiosk, "--web-url", stage.url, "--json")
    address: str = json.loads(told)["address"]
    return address


def open_screen(stage: Stage, kiosk: str) -> requests.Session:
    """Give a client that is the kiosk's screen; the one that was it before is no more."""
    client = requests.Session()
    [form] = forms_of(
        client.get(screen_address(stage, kiosk), timeout=ANSWER_SECONDS).text
    )
    answer = client.post(
        stage.url + form.action, data=form.values, timeout=ANSWER_SECONDS
    )
    answer.raise_for_status()
    return client
