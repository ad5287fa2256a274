# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# One build: the checkout as it lies here goes into the build root, and what comes out of it
# into the folder that was asked for.

# build_packages OUTPUT VERSION RENEW UNREAD PACKAGE...: what was built is listed in packages.list
# beside the logs.
build_packages() {
    local output=$1 version=$2 renew=$3 unread=$4 package building=()
    shift 4
    : >"$LOG_FOLDER/packages.list"
    for package in "$@"; do
        if [[ $package == guichet-asterisk ]]; then
            set_up_asterisk_tree "$renew"
            if copy_built_asterisk "$output"; then continue; fi
        fi
        building+=("$package")
    done
    if ((${#building[@]})); then
        step "Packages" packages build_in_root "$output" "$version" "$unread" "${building[@]}"
    fi
}

build_in_root() {
    local output=$1 version=$2 unread=$3 work file
    shift 3
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work"/shared/{checkout,packages}
    copy_checkout "$work/shared/checkout"
    "$PYTHON" "$PACKAGE_FOLDER/write_changelog.py" --as "$version" \
        --time "$(checkout_time .)" --output "$work/shared/checkout/debian/changelog"
    "$PYTHON" "$SETUP_FOLDER/pip_settings.py" file "$work/shared" /shared
    if [[ " $* " == *' guichet-asterisk '* ]]; then
        printf '%s\n' "/cache/${ASTERISK_TREE##*/}" "$ASTERISK_VERSION" >"$work/shared/asterisk"
    fi
    [[ -z $unread ]] || touch "$work/shared/unread"
    if [[ ${GUICHET_PJPROJECT_TARBALL:-} ]]; then
        cp "$GUICHET_PJPROJECT_TARBALL" "$work/shared/pjproject.tar.xz"
    fi
    in_root "$BUILD_ROOT" "$work" bash /shared/checkout/script/package.d/build-inside "$@"
    for file in "$work"/shared/packages/*.deb; do
        cp "$file" "$output"
        printf '%s\n' "$output/${file##*/}" >>"$LOG_FOLDER/packages.list"
    done
    keep_built_asterisk "$work/shared/packages"
}

# copy_checkout FOLDER: what Git knows of, and what it would add; not what it ignores.
copy_checkout() {
    git -C "$REPOSITORY" ls-files -z --cached --others --exclude-standard |
        tar -C "$REPOSITORY" -c --null --ignore-failed-read -T - | tar -C "$1" -x --no-same-owner
}

# checkout_time PATH...: when what lies there was last changed: the commit's time, or now.
checkout_time() {
    if [[ $(git -C "$REPOSITORY" status --porcelain -- "$@") ]]; then
        date +%s
    else
        git -C "$REPOSITORY" log -1 --format=%ct -- "$@"
    fi
}
