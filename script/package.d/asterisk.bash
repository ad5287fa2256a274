# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# guichet-asterisk: the tree that it holds, also where this machine has an Asterisk of its own,
# and its version, which changes only when what is in it does.

ASTERISK_TREE=
ASTERISK_VERSION=
# What decides on its content, beside Debian's packages. Not debian/rules, which changes with
# the other packages and would have every server fetch the same Asterisk again.
ASTERISK_RECIPE=(asterisk-config/modules.conf.j2 asterisk-config/trunk/modules_trunk.conf.j2
    debian/copy-asterisk debian/guichet-asterisk.* debian/slim_asterisk.py
    script/setup.d/asterisk.bash script/setup.d/debian.bash)

# set_up_asterisk_tree RENEW: with RENEW one that is made afresh.
set_up_asterisk_tree() {
    ASTERISK_TREE=$(asterisk_tree)
    if [[ $1 && $ASTERISK_TREE ]]; then
        rm -r "$ASTERISK_TREE"
        ASTERISK_TREE=
    fi
    if [[ -z $ASTERISK_TREE ]]; then
        step "Asterisk 22 from Debian" asterisk build_asterisk_tree
        ASTERISK_TREE=$(asterisk_tree)
    fi
    ASTERISK_VERSION=$(asterisk_package_version "$ASTERISK_TREE")
}

# Such as 22.10.1+guichet1.20261127.0930: Asterisk's version, Debian's revision, and when the
# newest part came: a library of the tree may be mended while Asterisk stays.
asterisk_package_version() {
    local tree=$1 version made changed
    version=$(awk '$1 == "asterisk" { print $2 }' "$tree/packages")
    version=${version#*:}
    made=$(stat -c %Y "$tree/packages")
    changed=$(checkout_time "${ASTERISK_RECIPE[@]}")
    printf '%s+guichet%s.%s' "${version%%[~+]*}" "${version##*-}" \
        "$(date -u -d "@$((made > changed ? made : changed))" +%Y%m%d.%H%M)"
}

# copy_built_asterisk OUTPUT: the package of this version, if it was built before.
copy_built_asterisk() {
    local built
    built=$CACHE/guichet-asterisk_${ASTERISK_VERSION}_$(dpkg --print-architecture).deb
    [[ -f $built ]] || return
    cp "$built" "$1"
    already "guichet-asterisk $ASTERISK_VERSION"
    printf '%s\n' "$1/${built##*/}" >>"$LOG_FOLDER/packages.list"
}

# keep_built_asterisk FOLDER: packing its 200 MB takes longer than all the others.
keep_built_asterisk() {
    local built=("$1"/guichet-asterisk_*.deb)
    [[ -f ${built[0]} ]] || return 0
    rm -f "$CACHE"/guichet-asterisk_*.deb
    mv "${built[0]}" "$CACHE"
}

# check_asterisk JSON: say which parts of the package Debian has in a newer version; the exit
# code is 1 where there is one.
check_asterisk() {
    local json=$1 built
    built=$(find "$CACHE" -maxdepth 1 -name 'guichet-asterisk_*.deb')
    [[ $built ]] || stop "No guichet-asterisk was built here: script/package guichet-asterisk"
    step "What Debian has newer" newer list_newer "$built"
    "$PYTHON" "$PACKAGE_FOLDER/tell_newer.py" ${json:+--json} "$LOG_FOLDER/newer.list" ||
        EXPLAINED=1
    [[ -z $EXPLAINED ]] || exit 1
}

# list_newer FILE: write PACKAGE PACKED CANDIDATE for each part of this guichet-asterisk that
# Debian has in a newer version into newer.list.
list_newer() {
    local built=$1 work name packed candidate
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    dpkg-deb --fsys-tarfile "$built" |
        tar -xO ./usr/lib/guichet-asterisk/packages >"$work/packages"
    find_debian_archive "$work/apt"
    cut -d' ' -f1 "$work/packages" | xargs apt-cache -c "$work/apt/apt.conf" policy |
        awk '/^[^ ]/ { sub(":$", ""); name = $1 } $1 == "Candidate:" { print name, $2 }' |
        sort >"$work/candidates"
    join "$work/packages" "$work/candidates" |
        while read -r name packed _ _ candidate; do
            if dpkg --compare-versions "$packed" lt "$candidate"; then
                printf '%s %s %s\n' "$name" "$packed" "$candidate"
            fi
        done >"$LOG_FOLDER/newer.list"
}
