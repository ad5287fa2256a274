# SPDX-License-Identifier: AGPL-3.0-or-later
"""guichet-asterisk holds what our configuration loads, and nothing that needs mending besides."""

import shutil
import subprocess
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = run_path(str(ROOT / "debian/slim_asterisk.py"))
loaded_modules = PROGRAM["loaded_modules"]
slim = PROGRAM["slim"]

pytestmark = pytest.mark.skipif(
    not shutil.which("gcc") or not shutil.which("readelf"), reason="no compiler"
)


def make_library(file: Path, *needed: Path, known_as: str = "") -> Path:
    """Make a library that is linked to others, and known to programs by a name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["gcc", "-shared", "-nostdlib", "-Wl,--no-as-needed", "-o", file, *needed]
        + [f"-Wl,-soname,{known_as or file.name}", "-xc", "/dev/null"],
        check=True,
        capture_output=True,
    )
    return file


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    modules = libraries / "asterisk/modules"
    real = make_library(libraries / "libwanted.so.1.2.3", known_as="libwanted.so.1")
    make_library(libraries / "libunwanted.so.1")
    wanted = libraries / "libwanted.so.1"
    wanted.symlink_to("libwanted.so.1.2")
    (libraries / "libwanted.so.1.2").symlink_to(real.name)
    between = make_library(libraries / "libbetween.so.1", wanted)
    for name in ("libnss_dns.so.2", "libsoftokn3.so", "libfreeblpriv3.so"):
        (libraries / name).touch()
    make_library(modules / "app_queue.so", between)
    make_library(modules / "app_unused.so", libraries / "libunwanted.so.1")
    make_library(tmp_path / "usr/sbin/asterisk")
    for name in ("asterisk/sounds/fr", "doc/libwanted", "doc/libunwanted", "perl"):
        (tmp_path / "usr/share" / name).mkdir(parents=True)
        (tmp_path / "usr/share" / name / "copyright").touch()
    (tmp_path / "packages").write_text(
        "libunwanted 1 unwanted 1\nlibwanted 1.2 wanted 1.2\n"
    )
    (tmp_path / "files").write_text(
        "libunwanted usr/lib/x86_64-linux-gnu/libunwanted.so.1\n"
        "libunwanted usr/share/doc/libunwanted/copyright\n"
        "libwanted usr/lib/x86_64-linux-gnu/libwanted.so.1.2.3\n"
    )
    return tmp_path


def test_what_a_loaded_module_needs_stays_with_its_links(tree: Path) -> None:
    slim(tree, {"app_queue.so"})
    libraries = tree / "usr/lib/x86_64-linux-gnu"
    assert sorted(
        str(path.relative_to(libraries)) for path in libraries.rglob("*")
    ) == [
        "asterisk",
        "asterisk/modules",
        "asterisk/modules/app_queue.so",
        "libbetween.so.1",
        "libfreeblpriv3.so",
        "libnss_dns.so.2",
        "libsoftokn3.so",
        "libwanted.so.1",
        "libwanted.so.1.2",
        "libwanted.so.1.2.3",
    ]
    assert sorted(path.name for path in (tree / "usr/share").iterdir()) == [
        "asterisk",
        "doc",
    ]


def test_a_package_of_which_nothing_stayed_is_not_named(tree: Path) -> None:
    slim(tree, {"app_queue.so"})
    assert (tree / "packages").read_text() == "libwanted 1.2 wanted 1.2\n"
    assert not (tree / "files").exists()


def test_a_module_that_debian_no_longer_builds_is_named(tree: Path) -> None:
    with pytest.raises(SystemExit, match="Asterisk lacks .*/app_gone.so"):
        slim(tree, {"app_queue.so", "app_gone.so"})


def test_all_modules_that_a_site_may_load_are_asked_for() -> None:
    recipe = (ROOT / "debian/copy-asterisk").read_text()
    for file in sorted((ROOT / "asterisk-config").rglob("modules*.j2")):
        assert str(file.relative_to(ROOT)) in recipe
        text = file.read_text()
        loaded = loaded_modules(text)
        assert loaded and len(loaded) == text.count(".so"), file
