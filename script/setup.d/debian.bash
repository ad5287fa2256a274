# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Debian packages: what is missing on the machine, and a private apt that reads
# Debian's newer suites without touching the machine's own sources.

# The suites that carry Asterisk 22, the calmer one first.
DEBIAN_SUITES=(forky sid)

# The release whose libraries what is built here fits, such as debian13.
system_release() {
    # shellcheck source=/dev/null
    (source /etc/os-release && printf '%s%s' "$ID" "${VERSION_ID:-}")
}

missing_packages() {
    local package
    for package in "$@"; do
        # shellcheck disable=SC2016  # dpkg-query's own format, not the shell's
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            printf '%s\n' "$package"
        fi
    done
}

# install_packages TITLE PACKAGE...: those of them that are missing.
install_packages() {
    local title=$1 missing
    shift
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        already "$title"
        return
    fi
    require_root_for "${missing[@]}"
    step "$title" packages run_apt_install "${missing[@]}"
}

# Ask for the password in the foreground, before a step hides the terminal.
require_root_for() {
    if ((EUID == 0)); then
        return
    fi
    if ! command -v sudo >/dev/null; then
        stop "Some Debian packages are missing. As root, run:" \
            "    apt-get install --no-install-recommends $*" \
            "then run $ENTRY again."
    fi
    sudo -v || stop "sudo did not accept you: run $ENTRY as somebody who may install packages."
}

run_apt_install() {
    local root=()
    ((EUID == 0)) || root=(sudo)
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get
        -o DPkg::Lock::Timeout=600)
    # What an installation that was killed left half done; apt does nothing before.
    if [[ $(dpkg --audit) || $(find /var/lib/dpkg/updates -name '[0-9]*' -print -quit) ]]; then
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
    fi
    "${apt[@]}" update || give_up "apt-get update failed: correct the machine's apt sources" \
        "(or its network), then run $ENTRY again."
    "${apt[@]}" install --yes --no-install-recommends "$@"
}

# The archives that the machine's own apt is set to, whatever the file format.
debian_mirrors() {
    if [[ ${GUICHET_DEBIAN_MIRROR:-} ]]; then
        printf '%s\n' "$GUICHET_DEBIAN_MIRROR"
        return
    fi
    apt-get update --print-uris | sed -nE "s,^'([^']+)/dists/.*,\\1,p" | awk '!seen[$0]++'
}

debian_keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        if [[ -f $file ]]; then
            printf '%s\n' "$file"
            return
        fi
    done
    return 1
}

# private_apt FOLDER PROGRAM ARGUMENT...: an apt program that reads the sources in
# FOLDER alone. Proxy, credentials and date checks stay the machine's own, since
# its other settings are read first.
private_apt() {
    local folder=$1 program=$2
    shift 2
    "$program" -c "$folder/apt.conf" "$@"
}

# make_private_apt FOLDER MIRROR SUITE KEYRING
make_private_apt() {
    local folder=$1 mirror=$2 suite=$3 keyring=$4 kind
    rm -rf "$folder"
    mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,empty}
    : >"$folder/status"
    for kind in deb deb-src; do
        printf '%s [signed-by=%s] %s %s main\n' "$kind" "$keyring" "$mirror" "$suite"
    done >"$folder/sources.list"
    cat >"$folder/apt.conf" <<TEXT
Dir::State "$folder/state";
Dir::State::status "$folder/status";
Dir::Cache "$folder/cache";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "$folder/empty";
Dir::Etc::preferences "$folder/preferences";
Dir::Etc::preferencesparts "$folder/empty";
Acquire::Languages "none";
APT::Install-Recommends "false";
Debug::NoLocking "true";
TEXT
}

# Make FOLDER a private apt on the first of the machine's archives that carries
# Asterisk 22 signed by Debian.
find_debian_archive() {
    local folder=$1 suite mirror keyring
    keyring=$(debian_keyring) || give_up "Install the package debian-archive-keyring."
    for suite in "${DEBIAN_SUITES[@]}"; do
        while read -r -u 3 mirror; do
            echo "Trying $suite at ${mirror#*@}"
            make_private_apt "$folder" "$mirror" "$suite" "$keyring"
            private_apt "$folder" apt-get update --error-on=any || continue
            if candidate_version "$folder" asterisk | grep -q '^1:22\.'; then
                return
            fi
        done 3< <(debian_mirrors)
    done
    give_up "None of this machine's apt sources is a Debian archive that carries Asterisk 22" \
        "(${DEBIAN_SUITES[*]}). Set GUICHET_DEBIAN_MIRROR to the address of a Debian mirror" \
        "near you, as in a line of sources.list, and run $ENTRY again."
}

candidate_version() {
    private_apt "$1" apt-cache policy "$2" | awk '$1 == "Candidate:" { print $2 }'
}

# unpack_closure FOLDER TREE PACKAGE...: the packages and all that they depend on,
# in TREE. No maintainer script runs, so that no root and no chroot is needed. TREE/packages
# names each package, its version, its source package and that one's version.
unpack_closure() {
    local folder=$1 tree=$2 archive
    shift 2
    private_apt "$folder" apt-get install --yes --download-only "$@"
    mkdir -p "$tree"
    for archive in "$folder"/cache/archives/*.deb; do
        dpkg-deb --extract "$archive" "$tree"
        # shellcheck disable=SC2016  # dpkg-deb's own format, not the shell's
        dpkg-deb --showformat '${Package} ${Version} ${source:Package} ${source:Version}\n' \
            --show "$archive"
    done | sort >"$tree/packages"
    # Copies of su and passwd must not keep their powers in a cache folder.
    find "$tree" -type f -perm /6000 -exec chmod a-s {} +
}
