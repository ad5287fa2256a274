# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What the built packages do to a machine: each is installed, upgraded and purged in a layer
# above a root that has what it depends on. Nothing may stay.

# check_packages OUTPUT JSON PACKAGE...: the packages in OUTPUT; JSON is empty or not.
check_packages() {
    local output=$1 json=$2 package results
    shift 2
    results=$(mktemp -d "$CACHE/checked.XXXXXX")
    for package in "$@"; do
        set_up_bare_root "$output" "$package"
        step "$package: install, upgrade, purge" "check-$package" \
            check_package "$output" "$package" "$results/$package.json"
    done
    "$PYTHON" "$PACKAGE_FOLDER/tell_checks.py" ${json:+--json} "$results" || EXPLAINED=1
    rm -rf "$results"
    [[ -z $EXPLAINED ]] || exit 1
}

# A root that has what the package depends on of Debian's, systemd, as a machine has, and
# Python, which does the check.
set_up_bare_root() {
    local output=$1 package=$2 needed
    mapfile -t needed < <(needed_of_debian "$output" "$package")
    set_up_root "bare-${package#guichet-}" "$package: a machine for it" python3 systemd \
        "${needed[@]}"
}

# files_of OUTPUT PACKAGE: the newest build of the package, and of those of ours that it needs.
files_of() {
    local output=$1 package=$2 file
    file=$(find "$output" -maxdepth 1 -name "${package}_*.deb" | sort -V | tail -n 1)
    [[ $file ]] || give_up "There is no $package in $output."
    printf '%s\n' "$file"
    for package in $(depends_of "$file" | grep '^guichet-' || true); do
        files_of "$output" "$package"
    done
}

needed_of_debian() {
    local file
    files_of "$1" "$2" | while read -r file; do
        depends_of "$file" | grep -v '^guichet-' || true
    done | sort -u
}

# The names that a package depends on, the first of alternatives, without versions.
depends_of() {
    dpkg-deb --field "$1" Depends | tr ',' '\n' |
        sed -E 's/\|.*//; s/\(.*//; s/[[:space:]]//g; s/:any$//; /^$/d'
}

check_package() {
    local output=$1 package=$2 result=$3 work
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work/shared/packages"
    files_of "$output" "$package" | while read -r file; do cp "$file" "$work/shared/packages"; done
    cp "$PACKAGE_FOLDER/check_package.py" "$work/shared"
    in_root "$MADE_ROOT" "$work" python3 /shared/check_package.py "$package" /shared/packages \
        >"$result"
}
