# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dialplan, read: whoever is called is called where they registered from."""

import re
from pathlib import Path

DIALPLAN = Path(__file__).parents[4] / "asterisk-config" / "extensions.conf.j2"
OWN_ADDRESS = "guichet-own-address"


def test_every_endpoint_that_is_called_is_looked_at_before() -> None:
    text = DIALPLAN.read_text()
    contexts = dict(re.findall(r"(?ms)^\[([\w-]+)\]\n(.*?)(?=^\[|\Z)", text))
    calls = re.findall(r"\b(?:Dial|Queue)\(.*\)", text)
    # A number outside is at no endpoint of ours.
    inside = [call for call in calls if "@guichet_trunk" not in call]
    assert len(inside) >= 7
    for call in inside:
        before = re.search(r"b\(([\w-]+)\^start\^1\)", call)
        assert before, call
        assert OWN_ADDRESS in run_by(contexts, before[1]), call


def run_by(contexts: dict[str, str], name: str) -> set[str]:
    """Name this subroutine and those that it calls."""
    called = re.findall(r"Gosub\(([\w-]+),", contexts[name])
    return {name}.union(*(run_by(contexts, each) for each in called))
