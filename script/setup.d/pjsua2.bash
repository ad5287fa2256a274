# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# pjsua2 with video, as a wheel: no wheel on PyPI has video, so it is built from the
# source that Debian's asterisk package carries, and kept in the cache.

PJSUA2_VERSION=2.17
PJPROJECT_SHA256=6860c2f7604b4eee75f38151a9ef69774eb3f0c5286fc1d14bc1db2dc5a9e8aa
PJPROJECT_PATCHES=("$SETUP_FOLDER"/pjproject/*.patch)
PJSUA2_BUILD_PACKAGES=(build-essential libasound2-dev libgsm1-dev libopenh264-dev
    libopus-dev libsamplerate0-dev libsdl2-dev libspeex-dev libspeexdsp-dev libsrtp2-dev
    libssl-dev libv4l-dev libvpx-dev libyuv-dev patch pkg-config swig uuid-dev xz-utils)
# Without ffmpeg: libvpx and openh264 do VP8 and H264, and an endpoint loads 70
# libraries and 11 MB less.
PJPROJECT_OPTIONS=(--with-external-speex --with-external-gsm --with-external-srtp
    --with-external-yuv --disable-ffmpeg --disable-libwebrtc --disable-ilbc-codec
    --disable-g7221-codec --disable-resample --enable-libsamplerate --enable-video)
# NDEBUG: a malformed message is an error code, not an abort of the whole kiosk.
PJPROJECT_FLAGS="-fPIC -O2 -DNDEBUG"
PJSUA2_WHEEL=

# Set PJSUA2_WHEEL to the wheel for this machine, building it when it is not cached.
set_up_pjsua2() {
    local folder packages headers
    folder=$CACHE/pjsua2-$(pjsua2_key)
    if [[ ! -d $folder ]]; then
        mapfile -t headers < <(python_header_package)
        install_packages "Packages to build pjsua2" "${PJSUA2_BUILD_PACKAGES[@]}" \
            "${headers[@]}"
        install_packages "Debian's archive key" debian-archive-keyring
        step "pjsua2 with video (some minutes)" pjsua2 build_pjsua2 "$folder"
    else
        already "pjsua2 $PJSUA2_VERSION with video"
    fi
    PJSUA2_WHEEL=$(find "$folder" -name '*.whl')
    # A cache that came from another machine needs its libraries here as well.
    mapfile -t packages <"$folder/packages"
    [[ -z $(missing_packages "${packages[@]}") ]] ||
        install_packages "Libraries of pjsua2" "${packages[@]}"
}

# A wheel fits one version, one recipe, one Python, and one release of the system,
# whose libraries it is linked to.
pjsua2_key() {
    local recipe
    recipe=$(hash_of "$(cat "${PJPROJECT_PATCHES[@]}")" "${PJPROJECT_OPTIONS[@]}" "$PJPROJECT_FLAGS" \
        "$(declare -f compile_pjproject)")
    printf '%s-%s-%s-%s' "$PJSUA2_VERSION" "$PYTHON_TAG" "$(system_release)" "$recipe"
}

build_pjsua2() {
    local folder=$1 work
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    find_pjproject "$work"
    mkdir "$work/source" "$work/result"
    tar -xJf "$work/pjproject.tar.xz" -C "$work/source" --strip-components=1
    "$PYTHON" -m venv "$work/venv"
    "$work/venv/bin/python" -m pip install "$(pinned setuptools)"
    compile_pjproject "$work/source" "$work/venv/bin/python" ||
        give_up "pjsua2 did not compile: the log says why."
    cp "$work"/source/pjsip-apps/src/swig/python/dist/*.whl "$work/result"
    "$work/venv/bin/python" -m pip install --no-index "$work"/result/*.whl
    "$work/venv/bin/python" "$SETUP_FOLDER/check_pjsua2.py" ||
        give_up "pjsua2 was built without something it needs: the log says what."
    runtime_packages "$work/venv" >"$work/result/packages"
    mv -T "$work/result" "$folder"
}

# Put the verified source into FOLDER/pjproject.tar.xz.
find_pjproject() {
    local folder=$1 found=${GUICHET_PJPROJECT_TARBALL:-} archives
    if [[ -z $found ]]; then
        find_debian_archive "$folder/apt"
        (cd "$folder" && private_apt "$folder/apt" apt-get source --download-only asterisk)
        archives=("$folder"/asterisk_*.orig-Xpjproject.tar.xz)
        found=${archives[0]}
    fi
    [[ -f $found ]] || give_up "There is no $found."
    if ! sha256sum --check --status <<<"$PJPROJECT_SHA256  $found"; then
        give_up "The source is not the pjproject $PJSUA2_VERSION that this version knows" \
            "(SHA-256 of ${found##*/}). Debian may have moved on: update Guichet virtuel, or" \
            "name the file of pjproject $PJSUA2_VERSION in GUICHET_PJPROJECT_TARBALL."
    fi
    mv "$found" "$folder/pjproject.tar.xz" 2>/dev/null || cp "$found" "$folder/pjproject.tar.xz"
}

compile_pjproject() {
    local source=$1 python=$2 jobs patch
    jobs=-j$(nproc)
    cd "$source" || return
    for patch in "${PJPROJECT_PATCHES[@]}"; do
        patch -p1 <"$patch" || return
    done
    # Debian removes the source of this device, which is not free.
    sed -i 's/bdimad_dev\.o//' pjmedia/build/Makefile || return
    # A REGISTER that a starting Asterisk swallows is tried again after 5 s, not 32.
    # Our picture starts with the call: pjsua would hold it back for half a second.
    # An endpoint only calls out to its Asterisk: a port that listens would serve nobody.
    # Five options make a TLS connection notice soon that its line is dead; the usual limit is 4.
    printf '#define %s\n' 'PJMEDIA_HAS_VIDEO 1' 'PJSIP_TD_TIMEOUT 5000' \
        'PJSUA_VIDEO_STREAM_DELAY_START_ENCODE 0' \
        'PJSIP_TLS_TRANSPORT_DONT_CREATE_LISTENER 1' 'PJ_MAX_SOCKOPT_PARAMS 6' \
        >pjlib/include/pj/config_site.h || return
    ./configure CFLAGS="$PJPROJECT_FLAGS" CXXFLAGS="$PJPROJECT_FLAGS" \
        "${PJPROJECT_OPTIONS[@]}" || return
    make dep || return
    make "$jobs" lib || return
    cd pjsip-apps/src/swig/python || return
    make pjsua2_wrap.cpp || return
    # -s: 42 MB of symbols that nobody reads.
    LDFLAGS=-s "$python" setup.py bdist_wheel
}

# The packages whose libraries the built module is linked to.
runtime_packages() {
    local libraries
    mapfile -t libraries < <(find "$1" -name '_pjsua2*.so' -exec readelf -d {} + |
        sed -nE 's/.*NEEDED.*\[(.*)\]/\1/p')
    local library path
    for library in "${libraries[@]}"; do
        path=$(ldconfig -p 2>/dev/null | awk -v name="$library" '$1 == name { print $NF; exit }')
        dpkg-query --search "$(readlink -f "$path")" "$path" 2>/dev/null || true
    done | cut -d: -f1 | sort -u
}
