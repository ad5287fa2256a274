# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# PostgreSQL's programs for the tests, which run clusters of their own. The Debian
# package would create and start a cluster of the system's, so it is only unpacked.

set_up_postgresql() {
    local description=$REPOSITORY/.setup/postgresql.json programs tree=
    programs=$(postgresql_programs /usr)
    if [[ -z $programs ]]; then
        tree=$CACHE/postgresql-$(postgresql_key)
        if [[ ! -d $tree ]]; then
            step "PostgreSQL for the tests" postgresql build_postgresql_tree "$tree"
        else
            already "PostgreSQL for the tests"
        fi
        programs=$(postgresql_programs "$tree/usr")
    else
        already "PostgreSQL (system)"
    fi
    "$PYTHON" "$SETUP_FOLDER/describe_postgresql.py" "$description" "$programs" \
        "${tree:+$(find "$tree/usr/lib" -name 'libpq.so.*' -printf '%h\n' -quit)}"
}

# The folder of initdb and postgres under PREFIX, the newest version's, or nothing.
postgresql_programs() {
    (find "$1"/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null || true) |
        sort -V | tail -n 1
}

postgresql_key() {
    printf '%s-%s' "$(system_release)" "$(dpkg --print-architecture)"
}

# From the machine's own suite: the programs then fit its C library, and only what
# the machine lacks is unpacked.
build_postgresql_tree() {
    local tree=$1 work package
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work/apt"/{state/lists/partial,cache/archives/partial}
    cat >"$work/apt/apt.conf" <<TEXT
Dir::State::lists "$work/apt/state/lists";
Dir::Cache "$work/apt/cache";
Acquire::Languages "none";
APT::Install-Recommends "false";
Debug::NoLocking "true";
TEXT
    private_apt "$work/apt" apt-get update
    package=$(private_apt "$work/apt" apt-cache depends postgresql |
        sed -nE 's/^ *Depends: (postgresql-[0-9]+)$/\1/p' | head -n 1)
    [[ $package ]] || give_up "This machine's apt knows no PostgreSQL."
    unpack_closure "$work/apt" "$work/tree" "$package"
    mv -T "$work/tree" "$tree"
}
