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
    # A number outside is at no endpoint of ours, and nobody at none at all.
    inside = [
        call for call in calls if not re.search("@guichet_trunk|@guichet-nobody", call)
    ]
    assert len(inside) >= 7
    for call in inside:
        before = re.search(r"b\(([\w-]+)\^start\^1\)", call)
        assert before, call
        assert OWN_ADDRESS in run_by(contexts, before[1]), call


def test_a_call_that_nobody_took_leaves_no_cause_behind_it() -> None:
    """Who went on to a queue after it read "call cut" of a call that ended well."""
    lines = DIALPLAN.read_text().splitlines()
    dialled = [at for at, line in enumerate(lines) if re.search(r",Dial\(PJSIP/", line)]
    waiting = []
    for at in dialled:
        after = [line for line in lines[at + 1 : at + 4] if "NoOp(" not in line]
        # The call ends, by its own cause; or it goes on.
        if not re.search(r"Hangup\(|Set\(DB\(guichet-telephone", after[0]):
            waiting.append(lines[at])
            assert "Gosub(guichet-dial-forgotten," in after[0], lines[at]
    assert len(waiting) == 3 and len(dialled) > len(waiting)


def run_by(contexts: dict[str, str], name: str) -> set[str]:
    """Name this subroutine and those that it calls."""
    called = re.findall(r"Gosub\(([\w-]+),", contexts[name])
    return {name}.union(*(run_by(contexts, each) for each in called))
