# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# guichet-asterisk: the tree that it holds, also where this machine has an Asterisk of its own,
# and its version, which changes only when what is in it does.

ASTERISK_TREE=
ASTERISK_VERSION=
# What the package is made by, beside Debian's packages.
ASTERISK_RECIPE=(debian/copy-asterisk debian/guichet-asterisk.* debian/rules
    script/setup.d/asterisk.bash script/setup.d/debian.bash)

set_up_asterisk_tree() {
    ASTERISK_TREE=$(asterisk_tree)
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
