# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leave in a tree of Asterisk what our configuration loads, and the libraries of that.

    slim_asterisk.py TREE MODULES_CONF...

What is not there needs no security update. Runs in the build root, with readelf.
"""

import argparse
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

# Loaded by name at run time, by the C library, OpenSSL, unixODBC and NSS, by which libsrtp
# encrypts sound and picture: no file is linked to them.
LOADED_BY_NAME = (
    *("libgcc_s.so.*", "libnss_dns.so.*", "libnss_files.so.*"),
    *("libfreebl*.so", "libsoftokn3.so"),
)
FOLDERS_LOADED_BY_NAME = ("gconv", "odbc", "ossl-modules")
# Asterisk's sounds and documentation, which it reads at the start; and the licences.
SHARED = ("asterisk", "doc")


def loaded_modules(configuration: str) -> set[str]:
    """Return the modules that such a file may load, whatever a site's settings are."""
    return set(re.findall(r"(?m)^(?:pre)?load *= *(\S+\.so)$", configuration))


def linked_names(file: Path) -> list[str]:
    """Return the libraries that a program or library names."""
    told = subprocess.run(
        ["readelf", "--dynamic", file], capture_output=True, text=True, check=False
    )
    return re.findall(r"\(NEEDED\).*\[(.*)\]", told.stdout)


def reachable(starts: Iterable[Path], folders: list[Path]) -> set[Path]:
    """Return these files, with links and what they lead to, and all that they are linked to."""
    found: set[Path] = set()
    waiting = list(starts)
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        if file.is_symlink():
            waiting.append(file.parent / file.readlink())
            continue
        for name in linked_names(file):
            waiting += [each / name for each in folders if (each / name).exists()]
    return found


def kept_files(tree: Path, modules: set[str]) -> set[Path]:
    """Return the files of TREE/usr/lib that stay."""
    (modules_folder,) = tree.glob("usr/lib/*/asterisk/modules")
    folder = modules_folder.parents[1]
    starts = [tree / "usr/sbin/asterisk", *(modules_folder / name for name in modules)]
    missing = [str(file) for file in starts if not file.exists()]
    if missing:
        raise SystemExit(f"Asterisk lacks {', '.join(missing)}")
    for pattern in LOADED_BY_NAME:
        starts += folder.glob(pattern)
    for name in FOLDERS_LOADED_BY_NAME:
        starts += [file for file in (folder / name).rglob("*") if not file.is_dir()]
    starts += folder.glob("ld-linux-*")
    return reachable(starts, [folder, folder / "asterisk"])


def slim(tree: Path, modules: set[str]) -> None:
    """Remove all but what stays, and write in TREE/packages whose it is."""
    kept = kept_files(tree, modules)
    for file in (tree / "usr/lib").rglob("*"):
        if file not in kept and (file.is_symlink() or file.is_file()):
            file.unlink()
    for folder in (tree / "usr/share").iterdir():
        if folder.name not in SHARED:
            shutil.rmtree(folder)
    shutil.rmtree(tree / "usr/libexec", ignore_errors=True)
    for path in sorted((tree / "usr/lib").rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    list_packages(tree)


def list_packages(tree: Path) -> None:
    """Leave in TREE/packages those of which a file is there beside the licence.

    A tree that was made without TREE/files keeps the names of all.
    """
    if not (tree / "files").exists():
        return
    owners = set()
    for line in (tree / "files").read_text(encoding="utf-8").splitlines():
        package, _, path = line.partition(" ")
        if not path.startswith("usr/share/doc/") and (tree / path).exists():
            owners.add(package)
    packages = tree / "packages"
    lines = packages.read_text(encoding="utf-8").splitlines(keepends=True)
    packages.write_text(
        "".join(line for line in lines if line.split()[0] in owners), encoding="utf-8"
    )
    (tree / "files").unlink()


def main() -> None:
    """Slim the tree that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("configuration", type=Path, nargs="+")
    arguments = parser.parse_args()
    texts = [file.read_text(encoding="utf-8") for file in arguments.configuration]
    slim(arguments.tree.resolve(), set().union(*map(loaded_modules, texts)))


if __name__ == "__main__":
    main()
