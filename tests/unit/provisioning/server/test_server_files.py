# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may read what on a server, and that the package makes the same folders."""

import os
import re
import stat
from pathlib import Path

import pytest

from provisioning.asterisk.layout import SiteLayout
from provisioning.server.files import FILES, folders, make_folders, protect
from tests.unit.provisioning.server.machines import gives_nothing_away, machine_in

TMPFILES = Path(__file__).parents[4] / "debian" / "guichet-server.tmpfiles"
SECRET = (
    *("server.toml", "guichet.toml", "documents.key", "tls/ca.key", "tls/server.key"),
    *("asterisk/odbc.ini", "asterisk/etc/manager.conf"),
)


def test_the_package_makes_each_folder_as_the_command_does() -> None:
    lines = re.findall(
        r"(?m)^[df] (\S+) (\d+) (\S+) (\S+)$", TMPFILES.read_text().replace("\t", " ")
    )
    described = {
        each.path: (f"{each.mode:04o}", each.user, each.group)
        for each in FILES
        if each.is_folder or each.path.endswith("/security")
    }
    assert {path: tuple(rest) for path, *rest in lines} == described


def test_each_path_of_the_site_is_listed() -> None:
    layout = SiteLayout.machine()
    listed = {each.path for each in FILES}
    wanted = {layout.settings, layout.documents, layout.documents_key, layout.tls}
    wanted |= set(layout.folders) | {layout.doorbell.parent}
    assert {str(path) for path in wanted} <= listed


def test_each_file_gets_its_mode_and_the_second_time_nothing_is_done(
    tmp_path: Path,
) -> None:
    machine, _ = machine_in(tmp_path)
    make_folders(machine)
    for name in SECRET:
        file = tmp_path / "etc/guichet" / name
        file.write_text("secret")
        file.chmod(0o666)
    given: list[tuple[str, str]] = []

    def give(descriptor: int, user: str, group: str) -> bool:
        given.append((user, group))
        return False

    changed = protect(machine, give)
    assert {tmp_path / "etc/guichet" / name for name in SECRET} <= set(changed)
    for name in SECRET:
        mode = (tmp_path / "etc/guichet" / name).stat().st_mode
        assert mode & 0o027 == 0, name
    assert ("root", "guichet-tls") in given and ("root", "guichet-asterisk") in given
    for folder in folders():
        found = machine.path(folder.path).stat()
        assert stat.S_IMODE(found.st_mode) == folder.mode, folder.path
    assert protect(machine, give) == []


def test_what_asterisk_must_not_see_is_of_no_group_of_its_own() -> None:
    closed = [each for each in FILES if "guichet.toml" in each.path]
    closed += [each for each in FILES if "documents" in each.path]
    closed += [each for each in FILES if each.path.endswith(("ca.key", "server.toml"))]
    assert len(closed) == 5
    for each in closed:
        assert each.mode & 0o007 == 0
        assert each.group in ("root", "guichet"), each.path


def test_fault_a_link_in_the_folder_of_another_user_is_not_followed(
    tmp_path: Path,
) -> None:
    machine, _ = machine_in(tmp_path)
    make_folders(machine)
    elsewhere = tmp_path / "shadow"
    elsewhere.write_text("root")
    elsewhere.chmod(0o600)
    database = machine.sqlite_file.parent
    (database / "guichet.db-evil").symlink_to(elsewhere)
    (database / "guichet.db").write_text("")
    protect(machine, gives_nothing_away)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    assert stat.S_IMODE((database / "guichet.db").stat().st_mode) == 0o660


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_user_that_is_missing_is_told_with_what_to_do(tmp_path: Path) -> None:
    machine, _ = machine_in(tmp_path)
    make_folders(machine)
    with pytest.raises(Exception, match="run systemd-sysusers"):
        protect(machine)
