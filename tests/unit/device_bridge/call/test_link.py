# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two ends of the socket find each other again, and lose no call over it."""

import pytest

from device_bridge.call.link import Audience, LinkClient, LinkError, Say, Show
from device_bridge.call.link_server import LinkServer
from stage.waiting import wait_for


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bridge.sock"


def events(server, client, wanted):
    """Pump both ends until so many events came."""
    found = []

    def pump():
        client.poll()
        found.extend(message for _, message in server.poll(0.01))
        return len(found) >= wanted

    wait_for(pump, f"{wanted} events")
    return found


def test_the_telephone_tells_its_call_and_digits_in_order(path):
    server, client = LinkServer(path), LinkClient(path)

    first = events(server, client, 1)
    client.confirm_call("gv-4-1", 4, "counsellor-msa-1")
    for digit in "*1#":
        client.send_digit("gv-4-1", digit)
    client.end_call("gv-4-1")
    rest = events(server, client, 5)

    assert first == [{"event": "idle"}]
    assert rest[0]["appointment"] == 4
    assert [each.get("digit") for each in rest[1:4]] == ["*", "1", "#"]
    assert rest[4] == {"event": "call_ended", "call": "gv-4-1", "kept": 0}
    client.close()
    server.close()


def test_after_a_restart_of_the_bridge_the_call_is_told_again(path):
    server, client = LinkServer(path), LinkClient(path)
    client.poll()
    client.confirm_call("gv-4-1", 4, "")
    server.close()
    wait_for(lambda: client.poll() == [] and not client.is_connected, "it is gone")
    client.send_digit("gv-4-1", "*")

    server = LinkServer(path)
    found = events(server, client, 1)

    assert [each["event"] for each in found] == ["call_confirmed"]
    client.close()
    server.close()


def test_a_telephone_that_leaves_is_told_as_gone(path):
    server, client = LinkServer(path), LinkClient(path)
    events(server, client, 1)

    client.close()

    gone = wait_for(lambda: server.poll(0.01), "it is gone")
    assert gone[0][1] == {"event": "gone"}
    server.close()


def test_sentences_and_documents_reach_the_telephone(path):
    server, client = LinkServer(path), LinkClient(path)
    events(server, client, 1)

    server.broadcast({"say": "Prêt à imprimer", "to": "both", "call": "c"})
    server.broadcast({"show": 3, "call": "c"})
    server.broadcast({"show": None, "call": "c"})

    found = []
    wait_for(lambda: found.extend(client.poll()) or len(found) == 3, "three")
    assert found[0] == Say("Prêt à imprimer", Audience.BOTH, "c")
    assert found[1:] == [Show(3, "c"), Show(None, "c")]
    client.close()
    server.close()


def test_only_one_bridge_runs_on_a_socket_and_a_dead_ones_file_is_replaced(path):
    server = LinkServer(path)
    with pytest.raises(LinkError, match="another bridge"):
        LinkServer(path)
    server.close()

    path.touch()
    LinkServer(path).close()
