# SPDX-License-Identifier: AGPL-3.0-or-later
"""The real Linphone and baresip, set up by what the product hands out, take a call with picture."""

import pytest

from stage.stack import ASTERISK_FILE
from tests.integration.private_story import live_in_private

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]


def test_linphone_by_its_link_and_baresip_by_its_folder_answer_and_are_locked_out() -> (
    None
):
    told = live_in_private(
        "stage.handed_out_story",
        {"baresip": "baresip-core", "linphonec": "linphone-cli"},
    )
    linphone, baresip = told["linphone"], told["baresip"]
    # Looked at twice, as a mail's scanner does: Linphone could open it all the same.
    assert linphone["looked_at"] == [200, 200]
    assert linphone["opened_again"] == 410
    assert linphone["picture"]["codec"] == "VP8"
    assert linphone["picture"]["frames"] >= 3
    assert linphone["picture"]["encrypted"] == {"audio": True, "video": True}
    # The file that the link's page saves does the same, and uses the link up. Before IT had
    # the machine trust the site's authority, Linphone refused to register by one.
    assert linphone["after_its_file"] == 410
    # The token stays nowhere: not with Linphone, not in the log of front and pages.
    assert linphone["keeps_link"] is False
    assert linphone["logs_with_token"] == []
    assert baresip["picture"]["codec"] == "VP8"
    assert baresip["picture"]["frames"] >= 3
    assert baresip["picture"]["encrypted"] == {"audio": True, "video": True}
    assert baresip["modes"] == {
        "accounts": "0o600",
        "config": "0o600",
        "contacts": "0o600",
        "ca.pem": "0o600",
        "start": "0o700",
    }
    assert baresip["trusts_others"] is False
