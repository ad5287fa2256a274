# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Printers and scanners: CUPS and SANE with what pycups and python-sane are built from,
# and the IPP printer that the demo and the tests print on.

DEVICE_PACKAGES=(cups cups-client cups-filters cups-ipp-utils dbus-daemon libsane1 sane-utils)
DEVICE_BUILD_PACKAGES=(build-essential libcups2-dev libsane-dev)

set_up_devices() {
    local headers
    mapfile -t headers < <(python_header_package)
    install_packages "Printing and scanning" \
        "${DEVICE_PACKAGES[@]}" "${DEVICE_BUILD_PACKAGES[@]}" "${headers[@]}"
}
