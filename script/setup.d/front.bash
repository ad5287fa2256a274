# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# nginx, which `guichet-web front` runs with a configuration of its own.

set_up_front() {
    if command -v nginx >/dev/null; then
        already "The front (nginx)"
        return
    fi
    # Debian starts its own service with the package: this machine would serve a page that
    # nobody asked for, and its port 80 would be taken.
    if [[ -d /run/systemd/system ]]; then
        require_root_for nginx-core
        run_as_root systemctl mask --quiet nginx.service
    fi
    # The second compresses a tenth better than nginx alone, which serves without it too.
    install_packages "The front (nginx)" nginx-core libnginx-mod-http-brotli-filter
}

run_as_root() {
    local root=()
    ((EUID == 0)) || root=(sudo)
    "${root[@]}" "$@"
}
