# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The clean root of Debian 13 that packages are built in: made once from the archives that
# the machine's own apt is set to, and never written to: each build works on a layer of its
# own above it.

SUITE=trixie
# What builds: a compiler for pjsua2, pycups and python-sane, and Debian's own tools.
BUILD_PACKAGES=(build-essential ca-certificates debhelper debian-archive-keyring
    libcups2-dev libsane-dev lintian python3 python3-dev python3-venv)
BUILD_ROOT=

set_up_build_root() {
    local pjsua2_packages
    # Its build packages are written down in the recipe of pjsua2 alone.
    mapfile -t pjsua2_packages < <(pjsua2_build_packages)
    set_up_root build-root "A clean Debian 13 to build in" \
        "${BUILD_PACKAGES[@]}" "${pjsua2_packages[@]}"
    BUILD_ROOT=$MADE_ROOT
}

pjsua2_build_packages() {
    # shellcheck source=/dev/null  # script/lint checks it with script/setup
    (source "$SETUP_FOLDER/pjsua2.bash" && printf '%s\n' "${PJSUA2_BUILD_PACKAGES[@]}")
}

# set_up_root NAME TITLE PACKAGE...: set MADE_ROOT to a root with these packages. One that is
# a week old is made afresh: it would build against yesterday's libraries. One with other
# packages goes: each takes a gigabyte.
set_up_root() {
    local name=$1 title=$2
    shift 2
    MADE_ROOT=$CACHE/$name-$(dpkg --print-architecture)-$(hash_of "$SUITE" "$@")
    if [[ -n $(find "$MADE_ROOT" -maxdepth 0 -mtime -7 2>/dev/null) ]]; then
        already "$title"
        return
    fi
    install_packages "What makes Debian roots" mmdebstrap debian-archive-keyring
    step "$title" "$name" make_root "$MADE_ROOT" "$@"
}

make_root() {
    local folder=$1 work packages
    shift
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "forget '$work'" EXIT
    chmod 755 "$work"
    suite_sources >"$work/sources.list"
    host_apt_settings >"$work/apt.conf"
    packages=$(printf '%s,' "$@")
    # What it mounts is gone with it, also when it is killed.
    in_namespaces mmdebstrap --mode=root --variant=apt --include="${packages%,}" \
        --aptopt="$work/apt.conf" --skip=cleanup/apt/lists \
        "$SUITE" "$work/root" "$work/sources.list"
    rm -rf "${folder%-*}"-*
    mv -T "$work/root" "$folder"
    touch "$folder"
}

# Debian's own archives among the machine's sources, in lines for SUITE: what the machine pins
# or adds for itself stays on the machine.
suite_sources() {
    local keyring archives
    keyring=$(debian_keyring)
    if [[ ${GUICHET_DEBIAN_MIRROR:-} ]]; then
        printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$GUICHET_DEBIAN_MIRROR" "$SUITE" \
            "$keyring" "$GUICHET_DEBIAN_MIRROR" "$SUITE-updates"
        return
    fi
    archives=$(debian_archives)
    if [[ -z $archives ]]; then
        apt-get update >&2
        archives=$(debian_archives)
    fi
    [[ $archives ]] || give_up "None of this machine's apt sources is a Debian archive. Set" \
        "GUICHET_DEBIAN_MIRROR to the address of a Debian mirror near you, as in a line of" \
        "sources.list, and run $ENTRY again."
    while read -r address label; do
        if [[ $label == Debian-Security ]]; then
            printf 'deb [signed-by=%s] %s %s-security main\n' "$keyring" "$address" "$SUITE"
        else
            printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$address" "$SUITE" \
                "$keyring" "$address" "$SUITE-updates"
        fi
    done <<<"$archives"
}

# ADDRESS LABEL of each archive that says that it is Debian's.
debian_archives() {
    # shellcheck disable=SC2016  # apt's own format, not the shell's
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(LABEL)' 'Created-By: Packages' |
        awk '$1 == "Debian" && ($3 == "Debian" || $3 == "Debian-Security") { print $2, $3 }' |
        sort -u
}

# Proxies, time-outs and date checks of the machine's apt.
host_apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?::|ftp::|ForceIPv|Retries|Check-|Max-)' || true
    printf '%s "false";\n' APT::Install-Recommends
    printf '%s "none";\n' Acquire::Languages
}

# in_root ROOT FOLDER PROGRAM ARGUMENT...: run PROGRAM in a layer above ROOT, whose files are
# kept in FOLDER/upper. The cache is /cache in it, FOLDER/shared is /shared; what is mounted is
# gone with the program.
in_root() {
    local below=$1 folder=$2
    shift 2
    mkdir -p "$folder"/{upper,layer,root,shared}
    in_namespaces bash "$PACKAGE_FOLDER/enter-root" "$below" "$folder" "$CACHE" "$@"
}

# in_namespaces PROGRAM ARGUMENT...: run it with mounts and processes of its own.
in_namespaces() {
    unshare --mount --propagation private --pid --fork --kill-child "$@"
}
