# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every setting, command and option is told somewhere: in docs/ or by the command itself.

And what the documents name is there: files, folders, functions and the other documents.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import click

import device_bridge.settings as bridge_settings
import sip_endpoints.settings as endpoint_settings
from booking_web.base.settings import Settings
from stage.command_lines import command_lines

REPOSITORY = Path(__file__).resolve().parents[2]
# What the one table [sip] of a bundle says is written by `guichet-provision`, never by hand.
WRITTEN_BY_PROVISIONING = {"user", "secret", "display_name", "transport"}
ROOMS = (
    ".ci",
    "booking_web",
    "debian",
    "device_bridge",
    "docs",
    "provisioning",
    "script",
    "sip_endpoints",
    "tests",
)
# What ends so is a file of ours wherever it is named; a site's own files end otherwise.
ENDINGS = (".py", ".html", ".js", ".css", ".po", ".patch", ".bash", ".cfg", ".md")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
MODULE = re.compile(r"([a-z_]+)(?:\.\w+)+")
FUNCTION = re.compile(r"(\w+)\(\)")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")


@cache
def documentation() -> str:
    """Give all that is written for people who run the programs."""
    files = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    return "\n".join(file.read_text() for file in files)


def not_told(names: Iterable[str]) -> list[str]:
    """Name what is nowhere between backticks or in an example."""
    return [
        name
        for name in names
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", documentation())
    ]


def test_each_setting_of_the_web_application_is_documented() -> None:
    assert not_told(field.name for field in fields(Settings)) == []


def test_each_setting_of_the_endpoints_and_the_bridge_is_documented() -> None:
    names = {field.name for field in fields(bridge_settings.BridgeSettings)}
    for table in (
        endpoint_settings.SipSettings,
        endpoint_settings.MediaSettings,
        endpoint_settings.ControlSettings,
        endpoint_settings.KioskSettings,
        endpoint_settings.CounsellorSettings,
        endpoint_settings.BridgeSettings,
    ):
        names |= {field.name for field in fields(table)}
    assert not_told(sorted(names - WRITTEN_BY_PROVISIONING)) == []


def test_each_command_is_documented() -> None:
    assert not_told(each.words for each in command_lines()) == []


def test_each_option_says_what_it_does() -> None:
    silent = [
        f"{each.words} {option.opts[0]}"
        for each in command_lines()
        for option in each.options
        if not option.help
    ]
    assert silent == []


def test_arguments_come_in_the_order_that_is_documented() -> None:
    documented = {
        words: arguments.split()
        for words, arguments in re.findall(
            r"(?m)^(guichet-counsellor [a-z]+)((?: [A-Z]+)+) +#", documentation()
        )
    }
    taken = {
        each.words: [
            argument.human_readable_name
            for argument in each.command.params
            if isinstance(argument, click.Argument)
        ]
        for each in command_lines()
        if each.words in documented
    }
    assert taken == documented
    assert documented["guichet-counsellor digits"] == ["BUNDLE", "CODE"]


@cache
def repository_paths() -> frozenset[str]:
    """Give every file and folder of the repository; a folder left empty is none."""
    files = [file for file in REPOSITORY.iterdir() if file.is_file()]
    for room in ROOMS:
        files += [
            file
            for file in (REPOSITORY / room).rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        ]
    named = [file.relative_to(REPOSITORY) for file in files]
    folders = {folder for file in named for folder in file.parents}
    return frozenset(str(path) for path in {*named, *folders})


def documents() -> list[Path]:
    """List the documents for people; the changelog is left out, which tells of what was."""
    found = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    return sorted(set(found) - {REPOSITORY / "CHANGELOG.md"})


def passages(text: str) -> Iterator[str]:
    """Give each paragraph, point of a list and row of a table; examples are left out."""
    without_examples = re.sub(r"(?ms)^```.*?^```$", "", text)
    yield from re.split(r"\n\s*\n|\n(?=\||\s*- |\s*\d+\. )", without_examples)


def found_as(name: str) -> list[str] | None:
    """List the paths that a name in backquotes means; None where it names no path."""
    module = MODULE.fullmatch(name)
    if module and module[1] in ROOMS and not name.endswith(ENDINGS):
        path, _, last = name.replace(".", "/").rpartition("/")
        found = [
            way for way in (f"{path}/{last}", f"{path}/{last}.py") if is_there(way)
        ]
        is_in_module = is_there(f"{path}.py") and defines(f"{path}.py", last)
        return found + [f"{path}.py"] * is_in_module
    if not PATH.fullmatch(name):
        return None
    wanted = name.rstrip("/")
    if "/" in name and name.split("/")[0] in ROOMS:
        return [path for path in repository_paths() if fnmatch(path, wanted)]
    if wanted.endswith(ENDINGS):
        return [
            path for path in repository_paths() if fnmatch(f"/{path}", f"*/{wanted}")
        ]
    return None


def is_there(path: str) -> bool:
    return path in repository_paths()


def defines(path: str, name: str) -> bool:
    """Tell whether the file, or one in the folder, defines this function or class."""
    whole = REPOSITORY / path
    files = [whole] if whole.is_file() else whole.rglob("*.py")
    definition = re.compile(rf"(?m)^\s*(?:async def|def|class) {name}\b")
    return any(definition.search(file.read_text(errors="replace")) for file in files)


def gone(text: str) -> list[str]:
    """Name what a document names that is not there, or not where it says."""
    missing = []
    for passage in passages(text):
        # A command names its paths between blanks.
        names = " ".join(re.findall(r"`([^`]+)`", passage)).split()
        found = {name: found_as(name) for name in names}
        missing += [name for name, paths in found.items() if paths == []]
        beside = [path for paths in found.values() for path in paths or []]
        functions = [each[1] for name in names if (each := FUNCTION.fullmatch(name))]
        missing += [
            f"{function}()"
            for function in functions
            if beside and not any(defines(path, function) for path in beside)
        ]
    return missing


def test_what_a_document_names_in_backquotes_is_in_the_repository() -> None:
    rotten = {
        f"{document.relative_to(REPOSITORY)}: {name}"
        for document in documents()
        for name in gone(document.read_text())
    }
    assert sorted(rotten) == []


def links() -> Iterator[tuple[Path, Path]]:
    """Give each link between files: from which document, and where it leads."""
    for document in documents():
        for target in LINK.findall(document.read_text()):
            if "://" not in target:
                yield document, (document.parent / target).resolve()


def test_each_link_of_a_document_leads_somewhere() -> None:
    dead = {
        f"{source.name}: {target}" for source, target in links() if not target.exists()
    }
    assert sorted(dead) == []


def test_each_document_is_found_by_a_link() -> None:
    linked = {target for source, target in links() if source != target}
    unheard_of = set(documents()) - linked - {REPOSITORY / "README.md"}
    assert sorted(unheard_of) == []


def test_each_document_that_the_source_refers_to_is_there() -> None:
    sources = [
        path for path in repository_paths() if path.endswith((".py", ".html", ".j2"))
    ]
    unknown = {
        f"{source}: {named}"
        for source in sources
        if not source.startswith("tests/")
        for named in re.findall(r"[\w./-]+\.md\b", (REPOSITORY / source).read_text())
        if not is_there(named)
    }
    assert sorted(unknown) == []


def test_a_document_that_rots_is_noticed() -> None:
    claims = "booking_web/dispatcher/placing/claims.py"
    assert (
        gone(f"`{claims}`: `take_claims()`; `claims.py`, `booking_web/dispatcher/`")
        == []
    )
    assert (
        gone("`script/setup.d/pjproject/*.patch`, `text/plain`, `guichet.toml`") == []
    )
    assert gone("`booking_web.dispatcher.placing.claims.take_claims`") == []
    assert gone("`booking_web/claims.py`") == ["booking_web/claims.py"]
    assert gone("`booking_web.claims.take_claims`") == [
        "booking_web.claims.take_claims"
    ]
    assert gone("`script/test tests/nowhere -k it`") == ["tests/nowhere"]
    assert gone("`take_claim.py`") == ["take_claim.py"]
    assert gone("`docs/decisions/`, `tests/nowhere/`") == ["tests/nowhere/"]
    assert gone(f"| `{claims}` | `take_claim()` |") == ["take_claim()"]
    # Each row speaks of its own file.
    assert gone(f"| `setup.cfg` | `main()` |\n| `{claims}` |") == ["main()"]
