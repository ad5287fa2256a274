# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rendered configuration on the real Asterisk: quiet, closed, and with no secret of ours."""

import re

import pytest

from stage.ami import BareAmi
from stage.stack import REPOSITORY, Stage

pytestmark = pytest.mark.real

CONFIGURATION = REPOSITORY / "asterisk-config"


def test_asterisk_starts_without_a_single_warning(asterisk_stage: Stage) -> None:
    start = asterisk_stage.asterisk.messages_at_start
    assert any("modules will be loaded" in line.text for line in start)
    assert [line for line in start if line.level in ("WARNING", "ERROR")] == []


def test_every_listed_module_is_running_and_no_other(asterisk_stage: Stage) -> None:
    wanted = set(
        re.findall(
            r"^(?:pre)?load = (\S+)$",
            (asterisk_stage.directory / "asterisk/etc/modules.conf").read_text(),
            flags=re.MULTILINE,
        )
    )
    shown = asterisk_stage.asterisk.cli("module show")
    running = set(re.findall(r"^(\S+\.so) .* Running ", shown, flags=re.MULTILINE))
    assert running == wanted


@pytest.mark.parametrize("module", ["res_ari", "app_system", "pbx_spool", "chan_iax2"])
def test_a_module_that_a_call_does_not_need_is_absent(
    asterisk_stage: Stage, module: str
) -> None:
    assert "0 modules loaded" in asterisk_stage.asterisk.cli(
        f"module show like {module}"
    )


def test_the_committed_configuration_holds_no_secret_and_no_endpoint() -> None:
    for file in CONFIGURATION.rglob("*.conf*"):
        text = re.sub(r"^\s*;.*$", "", file.read_text(), flags=re.MULTILINE)
        for key, value in re.findall(r"^(secret|password\w*)\s*=\s*(.*)$", text, re.M):
            assert value.startswith("{{"), f"{file.name}: {key}"
        assert not re.search(r"^type\s*=\s*(endpoint|auth|aor)\b", text, re.M), file


def test_only_loopback_addresses_are_offered_unless_asked(
    asterisk_stage: Stage,
) -> None:
    shown = asterisk_stage.asterisk.cli("pjsip show transports")
    addresses = re.findall(r"(\d+\.\d+\.\d+\.\d+):\d+", shown)
    assert addresses and set(addresses) == {"127.0.0.1"}
    assert "Disabled" in asterisk_stage.asterisk.cli("http show status")


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Command", {"Command": "core show version"}),
        ("Originate", {"Channel": "Local/x@guichet-queue", "Application": "System"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("UpdateConfig", {"SrcFilename": "manager.conf", "DstFilename": "x.conf"}),
        ("ModuleLoad", {"Module": "app_system.so", "LoadType": "load"}),
        ("DBPut", {"Family": "guichet", "Key": "kiosk-wassigny", "Val": "x"}),
        ("DBDelTree", {"Family": "registrar"}),
        ("DialplanExtensionAdd", {"Context": "guichet-kiosk", "Extension": "1"}),
    ],
)
def test_the_dispatchers_account_may_not(
    ami: BareAmi, action: str, fields: dict[str, str]
) -> None:
    answer = ami.action(action, **fields)
    assert answer["Response"] == "Error"
    assert re.search("permission|forbidden", answer["Message"], re.IGNORECASE)


@pytest.mark.parametrize(
    ("action", "fields", "end"),
    [
        ("CoreShowChannels", {}, "CoreShowChannelsComplete"),
        ("Status", {}, "StatusComplete"),
        ("QueueStatus", {"Queue": "msa"}, "QueueStatusComplete"),
        ("DBGetTree", {"Family": "guichet"}, "DBGetTreeComplete"),
    ],
)
def test_the_dispatchers_account_may_list(
    ami: BareAmi, action: str, fields: dict[str, str], end: str
) -> None:
    assert ami.action(action, **fields)["Response"] == "Success"
    ami.wait_event(end)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Hangup", {"Channel": "PJSIP/nobody-1"}),
        ("PlayDTMF", {"Channel": "PJSIP/nobody-1", "Digit": "1"}),
        ("SendText", {"Channel": "PJSIP/nobody-1", "Message": "x"}),
    ],
)
def test_the_dispatchers_account_may_act_on_channels(
    ami: BareAmi, action: str, fields: dict[str, str]
) -> None:
    answer = ami.action(action, **fields)
    assert "hannel" in answer["Message"], "refused for the missing channel alone"


def test_the_dispatchers_account_may_pause_members(ami: BareAmi) -> None:
    answer = ami.action("QueuePause", Interface="PJSIP/nobody", Paused="true")
    assert "not found" in answer["Message"], "refused for the missing member alone"


def test_a_wrong_manager_secret_is_refused(asterisk_stage: Stage) -> None:
    with pytest.raises(PermissionError):
        BareAmi(asterisk_stage.ports.ami, "guichet-dispatcher", "wrong")
