# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Asterisk 22: the system's own where it has one, else a private tree that is
# started through its own loader, as an ordinary user, beside any other Asterisk.

ASTERISK_PACKAGES=(asterisk asterisk-core-sounds-fr-wav asterisk-moh-opsound-wav
    libsqliteodbc odbc-postgresql)
ASTERISK_MODULES=(app_queue func_odbc res_config_odbc res_odbc res_pjsip
    res_pjsip_dtmf_info res_pjsip_messaging res_pjsip_registrar
    res_pjsip_transport_websocket res_format_attr_h264 res_format_attr_opus
    res_format_attr_vp8 res_srtp)

set_up_asterisk() {
    local description=$REPOSITORY/.setup/asterisk.json program=${GUICHET_ASTERISK:-/usr/sbin/asterisk}
    mkdir -p "$REPOSITORY/.setup"
    if is_asterisk_22 "$program"; then
        install_packages "Asterisk's sounds and drivers" "${ASTERISK_PACKAGES[@]:1}"
        describe_asterisk "$description" "" "$program"
        already "Asterisk $(asterisk_version "$program") (system)"
        return
    fi
    if [[ ${GUICHET_ASTERISK:-} ]]; then
        stop "GUICHET_ASTERISK=$program is not Asterisk 22.2 or later of the 22 series."
    fi
    local tree
    tree=$(asterisk_tree)
    if [[ -z $tree ]]; then
        install_packages "Debian's archive key" debian-archive-keyring
        step "Asterisk 22 from Debian" asterisk build_asterisk_tree
        tree=$(asterisk_tree)
    else
        already "Asterisk 22"
    fi
    describe_asterisk "$description" "$tree" "$tree/usr/sbin/asterisk"
}

asterisk_version() {
    "$@" -V 2>/dev/null | sed -nE 's/^Asterisk ([0-9]+\.[0-9]+(\.[0-9]+)?).*/\1/p'
}

# True for 22.2 and later 22s: earlier ones lack the SHA-256 digests we store.
is_asterisk_22() {
    local version
    [[ -x $1 ]] || return 1
    version=$(asterisk_version "$@") || return 1
    [[ $version == 22.* ]] && (($(cut -d. -f2 <<<"$version") >= 2))
}

# The finished tree of this recipe with the newest version, or nothing.
asterisk_tree() {
    find "$CACHE" -maxdepth 1 -type d -name "asterisk-22.*-$(asterisk_key)" | sort -V | tail -n 1
}

# A change of what goes into the tree makes another tree.
asterisk_key() {
    printf '%s-' "$(dpkg --print-architecture)"
    hash_of "${ASTERISK_PACKAGES[@]}" "$(declare -f slim_tree unpack_closure)"
}

build_asterisk_tree() {
    local work version loader
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    find_debian_archive "$work/apt"
    unpack_closure "$work/apt" "$work/tree" "${ASTERISK_PACKAGES[@]}"
    list_files "$work"/apt/cache/archives/*.deb >"$work/tree/files"
    slim_tree "$work/tree"
    loader=$(tree_loader "$work/tree")
    check_asterisk_tree "$work/tree" "$loader"
    version=$(asterisk_version "$loader" --library-path "$(library_path "$work/tree")" "$work/tree/usr/sbin/asterisk")
    mv -T "$work/tree" "$CACHE/asterisk-$version-$(asterisk_key)"
}

# The package of each file, so that who leaves files out knows whose are left.
list_files() {
    local archive package
    for archive in "$@"; do
        package=$(dpkg-deb --field "$archive" Package)
        dpkg-deb --fsys-tarfile "$archive" | tar -t |
            sed -n "s,^\\./\\(.*[^/]\\)\$,$package \\1,p"
    done
}

# Only what Asterisk reads stays, and the licences. The languages get the names that
# the packages' maintainer scripts would give them.
slim_tree() {
    local tree=$1
    ln -s fr_CA_f_June "$tree/usr/share/asterisk/sounds/fr"
    ln -s en_US_f_Allison "$tree/usr/share/asterisk/sounds/en"
    rm -rf "${tree:?}"/{bin,sbin,etc,var,usr/bin,usr/games} \
        "${tree:?}"/usr/share/{bug,doc-base,info,lintian,locale,man,perl,perl5} \
        "${tree:?}"/usr/lib/*/{perl,perl-base,perl5}
    find "$tree/usr/sbin" -mindepth 1 ! -name asterisk -delete
    find "$tree/usr/share/doc" ! -type d ! -name copyright -delete
    find "$tree/usr/share/doc" -type d -empty -delete
}

tree_loader() {
    find "$1/usr/lib64" "$1/usr/lib" -maxdepth 1 -name 'ld-linux-*' 2>/dev/null | head -n 1
}

library_path() {
    local libraries
    libraries=$(dirname "$(find "$1/usr/lib" -maxdepth 2 -name 'libodbc.so.*' | head -n 1)")
    printf '%s:%s/asterisk' "$libraries" "$libraries"
}

# A tree that lacks a module or a library is refused before it gets its name.
check_asterisk_tree() {
    local tree=$1 loader=$2 module file path missing
    path=$(library_path "$tree")
    for module in "${ASTERISK_MODULES[@]}"; do
        file=${path%%:*}/asterisk/modules/$module.so
        [[ -f $file ]] || give_up "Debian's Asterisk lacks the module $module: please report this."
        missing=$("$loader" --library-path "$path" --list "$file" | grep 'not found' || true)
        [[ -z $missing ]] || give_up "The module $module lacks a library: $missing"
    done
    [[ -f $tree/usr/share/asterisk/sounds/fr/vm-goodbye.wav ]] ||
        give_up "Debian's French sounds are not where they used to be: please report this."
}

# describe_asterisk FILE TREE PROGRAM: what the rest of the project starts; see docs/setup.md.
describe_asterisk() {
    local file=$1 tree=$2 program=$3 prefix=()
    if [[ $tree ]]; then
        prefix=("$(tree_loader "$tree")" --library-path "$(library_path "$tree")")
    fi
    local modules drivers data french
    modules=$(find_first '*/asterisk/modules/res_pjsip.so' "$tree"/usr/{lib,lib64,local/lib})
    drivers=$(find_first '*/odbc/libsqlite3odbc.so' "$tree"/usr/lib)
    data=$(find_first '*/asterisk/sounds' "$tree"/{usr/share,var/lib}/asterisk)
    french=$(find_first '*/sounds/fr' "${data:-/nowhere}")
    french=${french:-$(find_first '*/sounds/fr_*' "${data:-/nowhere}")}
    "$PYTHON" "$SETUP_FOLDER/describe_asterisk.py" "$file" \
        --version "$(asterisk_version "${prefix[@]}" "$program")" \
        --modules-dir "${modules%/*}" --data-dir "${data%/*}" --drivers-dir "${drivers%/*}" \
        --french-sounds-dir "$french" \
        -- "${prefix[@]}" "$program"
}

# find_first PATTERN FOLDER...: the first path there that fits, or nothing.
find_first() {
    local pattern=$1
    shift
    find "$@" -maxdepth 4 -path "$pattern" -print -quit 2>/dev/null || true
}
