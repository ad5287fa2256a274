# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Python: which one, and the virtual environment in the checkout. Nothing goes into
# the machine's own Python.

# The tag of wheels for this Python, such as cp311.
PYTHON_TAG=
UV=

set_up_python() {
    if ! command -v "$PYTHON" >/dev/null && [[ $PYTHON == python3 ]]; then
        install_packages "Python" python3 python3-venv
    fi
    if ! command -v "$PYTHON" >/dev/null; then
        stop "There is no $PYTHON: set PYTHON to a Python 3.11 or later."
    fi
    PYTHON=$(command -v "$PYTHON")
    if ! PYTHON_TAG=$("$PYTHON" -c 'import sys
print("cp%d%d" % sys.version_info[:2])
sys.exit(sys.version_info < (3, 11))'); then
        stop "$PYTHON is $("$PYTHON" --version 2>&1 || true): Guichet virtuel needs Python 3.11 or later." \
            "Set PYTHON to such a one, for example: PYTHON=/usr/bin/python3.13 script/setup"
    fi
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages "Python's venv" "$(python_package)-venv"
    fi
}

# The Debian name of this Python, such as python3.13.
python_package() {
    "$PYTHON" -c 'import sys; print("python%d.%d" % sys.version_info[:2])'
}

# The package of the C headers, unless this Python has brought its own.
python_header_package() {
    "$PYTHON" -c 'import os, sysconfig, sys
sys.exit(os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' &&
        printf '%s-dev\n' "$(python_package)"
}

# The constraint on one distribution, such as setuptools==80.9.0.
pinned() {
    grep -i "^$1==" "$REPOSITORY/constraints.txt"
}

set_up_venv() {
    local stamp
    stamp=$(venv_stamp)
    if [[ -f .venv/guichet-stamp && $(<.venv/guichet-stamp) == "$stamp" ]]; then
        already "Virtual environment .venv"
        return
    fi
    step "Virtual environment .venv" venv build_venv "$stamp"
}

# Changes when anything that decides on the content of .venv does.
venv_stamp() {
    cat "$REPOSITORY"/{setup.cfg,setup.py,pyproject.toml,constraints.txt} "$PJSUA2_WHEEL" |
        sha256sum | cut -d' ' -f1
    "$PYTHON" -c 'import sys; print(sys.version, sys.base_prefix)'
    # Its programs begin with the path of its Python.
    printf '%s\n' "$REPOSITORY"
}

build_venv() {
    local stamp=$1 python=.venv/bin/python
    local wanted=("$PJSUA2_WHEEL" --editable '.[web,kiosk,captions,counsellor,dev]')
    rm -f .venv/guichet-stamp
    set_up_uv
    # It leaves a lock there for each checkout.
    TMPDIR=$(mktemp -d "$CACHE/making.XXXXXX")
    export TMPDIR
    if ! is_venv_of_this_python; then
        rm -rf .venv
        "$UV" venv --python "$PYTHON" .venv
    fi
    "$UV" pip install --python "$python" --constraint constraints.txt pip setuptools babel
    # The same wheel name may hold another build: say so. Byte code is made now, whatever the
    # caller's PYTHONDONTWRITEBYTECODE: compiling pjsua2 at each start takes 20 MB.
    "$UV" pip install --python "$python" --constraint constraints.txt --no-build-isolation \
        --compile-bytecode --reinstall-package pjsua2 "${wanted[@]}"
    "$UV" pip check --python "$python"
    rm -rf "$TMPDIR"
    printf '%s\n' "$stamp" >.venv/guichet-stamp
}

# Set UV to uv, which fills .venv in half of pip's time, from files that all checkouts share. This
# Python's pip fetches it, once, and is asked each time how packages are reached from here.
set_up_uv() {
    local pin folder work setting
    pin=$(pinned uv)
    folder=$CACHE/${pin/==/-}-$PYTHON_TAG-$(system_release)
    if [[ ! -d $folder ]]; then
        work=$(mktemp -d "$CACHE/making.XXXXXX")
        "$PYTHON" -m venv "$work/uv"
        "$work/uv/bin/python" -m pip install "$pin"
        mv -T "$work/uv" "$folder"
        rmdir "$work"
    fi
    while IFS= read -r setting; do
        export "${setting?}"
    done < <("$folder/bin/python" "$SETUP_FOLDER/pip_settings.py" uv)
    # As pip does: one index is as good as another, and whom the system trusts is trusted.
    export UV_CACHE_DIR=$CACHE/uv UV_NO_CONFIG=1 UV_INDEX_STRATEGY=unsafe-best-match \
        UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never
    UV=$folder/bin/uv
}

is_venv_of_this_python() {
    local identity='import sys; print(sys.version, sys.base_prefix)'
    [[ -x .venv/bin/python ]] &&
        [[ $(.venv/bin/python -c "$identity" 2>/dev/null) == "$("$PYTHON" -c "$identity")" ]]
}
