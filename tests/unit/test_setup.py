# SPDX-License-Identifier: AGPL-3.0-or-later
"""What script/setup decides and says, without downloading or building anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stage.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
SETUP_FOLDER = ROOT / "script" / "setup.d"
PARTS = ("console", "debian", "asterisk", "pjsua2", "venv", "postgresql")


def run_shell(
    code: str, cache: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run shell code with the functions of script/setup at hand."""
    return subprocess.run(
        shell(code),
        env=os.environ | settings(cache) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shell(code: str) -> list[str]:
    """Give the command that runs shell code with these functions."""
    return ["bash", "-c", f"set -euo pipefail\n{sources()}\n{code}"]


def sources() -> str:
    """Give the lines that bring the functions of script/setup."""
    return "".join(f'source "$SETUP_FOLDER/{part}.bash"\n' for part in PARTS)


def settings(cache: Path) -> dict[str, str]:
    """Give what script/setup sets before."""
    return {
        "SETUP_FOLDER": str(SETUP_FOLDER),
        "REPOSITORY": str(ROOT),
        "CACHE": str(cache),
        "PYTHON": "python3",
    }


def program_that_prints(path: Path, text: str, status: int = 0) -> Path:
    """Write an executable that prints a text whatever it is asked."""
    path.write_text(f"#!/bin/sh\ncat <<'TEXT'\n{text}\nTEXT\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("Asterisk 22.2.0", True),
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("Asterisk 22.5.2~dfsg+~cs6.15.60671435-1", True),
        ("Asterisk 22.1.0", False),
        ("Asterisk 20.9.3~dfsg", False),
        ("Asterisk 23.0.0", False),
        ("Asterisk GIT-master-2200", False),
        ("", False),
    ],
)
def test_only_asterisk_22_from_22_2_on_is_taken_from_the_system(
    tmp_path: Path, answer: str, accepted: bool
) -> None:
    program = program_that_prints(tmp_path / "asterisk", answer)
    result = run_shell(f"is_asterisk_22 {program}", tmp_path)
    assert (result.returncode == 0) is accepted, result.stderr


def test_a_system_without_asterisk_is_no_error_but_a_no(tmp_path: Path) -> None:
    result = run_shell(f"is_asterisk_22 {tmp_path}/nothing || echo no", tmp_path)
    assert result.stdout == "no\n"


def test_the_mirrors_are_those_of_apts_own_sources_in_both_formats(
    tmp_path: Path,
) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (parts / "debian.sources").write_text(
        "Types: deb\nURIs: http://one.example/debian\nSuites: stable stable-updates\n"
        "Components: main\n"
    )
    (tmp_path / "sources.list").write_text(
        "# deb http://comment.example/debian stable main\n"
        "deb [arch=amd64] http://two.example/debian stable main\n"
    )
    configuration = tmp_path / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\n'
        f'Dir::Etc::sourceparts "{parts}";\n'
    )
    program = tmp_path / "apt-get"
    program.write_text(
        f'#!/bin/sh\nexec {shutil.which("apt-get")} -c {configuration} "$@"\n'
    )
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    result = run_shell("debian_mirrors", tmp_path, PATH=path)
    mirrors = [line.rstrip("/") for line in result.stdout.splitlines()]
    assert sorted(mirrors) == ["http://one.example/debian", "http://two.example/debian"]


def test_a_named_mirror_is_the_only_one(tmp_path: Path) -> None:
    result = run_shell(
        "debian_mirrors", tmp_path, GUICHET_DEBIAN_MIRROR="http://near.example/debian"
    )
    assert result.stdout == "http://near.example/debian\n"


def test_another_source_than_the_known_one_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "pjproject.tar.xz"
    archive.write_bytes(b"something else")
    result = run_shell(
        f"start_console; step 'pjsua2' pjsua2 find_pjproject {tmp_path}",
        tmp_path / "cache",
        GUICHET_PJPROJECT_TARBALL=str(archive),
    )
    assert result.returncode == 1
    assert "pjsua2: failed" in result.stderr
    assert "is not the pjproject 2.17" in result.stderr
    assert "GUICHET_PJPROJECT_TARBALL" in result.stderr
    assert f"{tmp_path}/cache/log/pjsua2.log" in result.stderr


@pytest.mark.parametrize(
    ("printed", "advice"),
    [
        ("cp: error writing 'x': No space left on device", "The disk is full"),
        ("Could not resolve 'deb.example'", "The network cannot be reached"),
        ("E: Could not get lock /var/lib/dpkg/lock", "Another program is installing"),
        ("something nobody thought of", "The lines above say why"),
    ],
)
def test_a_step_that_fails_says_what_to_do_and_where_its_log_is(
    tmp_path: Path, printed: str, advice: str
) -> None:
    code = f"""
    broken() {{ echo "{printed}"; false; echo "went on after a failure"; }}
    start_console
    step "A step" broken broken
    echo "the set-up went on"
    """
    result = run_shell(code, tmp_path)
    assert result.returncode == 1
    assert advice in result.stderr
    assert printed in result.stderr
    assert str(tmp_path / "log" / "broken.log") in result.stderr
    assert "went on" not in result.stdout + result.stderr


def test_two_set_ups_take_turns(tmp_path: Path) -> None:
    code = """
    start_console
    take_lock
    second() { exec 9>&-; take_lock; echo second >>"$CACHE/order"; }
    : >"$CACHE/second.err"
    second 2>"$CACHE/second.err" &
    until grep -q "Another set-up is running" "$CACHE/second.err"; do sleep 0.05; done
    echo first >>"$CACHE/order"
    exec 9>&-
    wait
    cat "$CACHE/order"
    """
    result = run_shell(code, tmp_path)
    assert result.stdout == "first\nsecond\n", result.stderr


def test_a_lock_that_nobody_gives_up_is_no_wait_without_end(tmp_path: Path) -> None:
    code = """
    start_console
    (flock 8 && exec sleep 60 >&- 2>&-) 8>"$CACHE/lock" &
    until ! flock --nonblock "$CACHE/lock" true; do sleep 0.05; done
    LOCK_SECONDS=1
    trap 'kill %1' EXIT
    take_lock
    """
    result = run_shell(code, tmp_path)
    assert result.returncode == 1
    assert f"fuser -v '{tmp_path}/lock'" in result.stderr


def test_a_set_up_that_is_killed_takes_its_step_along(tmp_path: Path) -> None:
    code = """
    start_console
    take_lock
    long() { touch "$CACHE/begun"; sleep 600; }
    step "A long step" long long
    """
    with subprocess.Popen(shell(code), env=os.environ | settings(tmp_path)) as killed:
        wait_for((tmp_path / "begun").exists, "its step runs")
        killed.kill()
        # Nobody has waited for it yet.
        after = run_shell("start_console; take_lock; echo mine", tmp_path)
    assert after.stdout == "mine\n", after.stderr


def test_what_is_mounted_in_what_was_half_made_is_not_emptied(tmp_path: Path) -> None:
    code = """
    mkdir -p "$CACHE/of this machine" "$CACHE/making.a b/dev/shm"
    echo kept >"$CACHE/of this machine/file"
    mount --bind "$CACHE/of this machine" "$CACHE/making.a b/dev/shm"
    start_console
    take_lock
    """
    script = tmp_path / "code"
    script.write_text(f"{sources()}\n{code}")
    cache = tmp_path / "a cache"
    subprocess.run(
        ["unshare", "--map-root-user", "--mount", "bash", "-euo", "pipefail", script],
        env=os.environ | settings(cache),
        check=True,
    )
    assert [each.name for each in cache.glob("making.*")] == []
    assert (cache / "of this machine" / "file").read_text() == "kept\n"


def test_uv_fetches_from_where_pip_does(tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://index.example/simple\n"
        "extra-index-url = https://one.example/simple\n    https://two.example/simple\n"
        "constraint = /etc/constraints.txt\ncert = /etc/overridden.pem\n"
    )
    said = subprocess.run(
        [sys.executable, SETUP_FOLDER / "pip_settings.py", "uv"],
        env={
            **{name: os.environ[name] for name in ("PATH",)},
            "PIP_CONFIG_FILE": str(configuration),
            "PIP_CERT": "/etc/ca.pem",
            "PIP_FIND_LINKS": "/opt/one /opt/two",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert set(said.splitlines()) == {
        "SSL_CERT_FILE=/etc/ca.pem",
        "UV_DEFAULT_INDEX=https://index.example/simple",
        "UV_FIND_LINKS=/opt/one,/opt/two",
        "UV_INDEX=https://one.example/simple https://two.example/simple",
    }


def test_an_old_python_is_refused_with_an_example(tmp_path: Path) -> None:
    program = program_that_prints(tmp_path / "python", "cp310", status=1)
    result = run_shell("set_up_python", tmp_path, PYTHON=str(program))
    assert result.returncode == 1
    assert "needs Python 3.11 or later" in result.stderr


def test_an_option_nobody_knows_is_a_usage_error() -> None:
    result = subprocess.run(
        [ROOT / "script" / "setup", "--tset"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert "Usage: script/setup" in result.stderr
