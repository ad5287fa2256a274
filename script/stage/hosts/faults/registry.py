# SPDX-License-Identifier: AGPL-3.0-or-later
"""The faults by the names under which `script/hosts fault` knows them."""

from collections.abc import Callable

from stage.hosts.faults import (
    administrators,
    backups,
    calls,
    certificates,
    clock,
    codes,
    databases,
    disks,
    hardware_later,
    machines,
    names,
    routers,
    secrets,
    unattended,
    updates,
)
from stage.hosts.faults.ground import Ground

FAULTS: dict[str, Callable[[Ground], None]] = {
    "plug-kiosk": calls.plug_of_kiosk,
    "plug-counsellor": calls.plug_of_counsellor,
    "plug-server": calls.plug_of_server,
    "address-kiosk": calls.address_of_kiosk,
    "line-kiosk": calls.line_of_kiosk,
    "nat-server": routers.server_behind_router,
    "nat-kiosk": routers.kiosk_behind_router,
    "dns": names.names_silent,
    "clock-behind": clock.clock_behind,
    "clock-ahead": clock.clock_ahead,
    "disk-kiosk": disks.disk_of_kiosk,
    "disk-server": disks.disk_of_server,
    "disk-counsellor": disks.disk_of_counsellor,
    "screen-later": hardware_later.screen_later,
    "printer-later": hardware_later.printer_later,
    "sound-later": hardware_later.sound_later,
    "certificate-renewed": certificates.certificate_renewed,
    "certificate-ended": certificates.certificate_ended,
    "secret-rotated": secrets.secret_rotated,
    "code": codes.codes_worth_nothing,
    "postgresql-killed": databases.postgresql_killed,
    "administrators": administrators.administrators_at_once,
    "disk-stolen": machines.disk_stolen,
    "hardware-replaced": machines.hardware_replaced,
    "backup-interrupted": backups.backup_interrupted,
    "backup-version": backups.other_versions_restored,
    "update-in-call": updates.update_in_call,
    "unattended-cut": unattended.plug_in_unattended_upgrade,
}
