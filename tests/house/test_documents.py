# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The documents: two README files in step, links that lead somewhere, commands that exist, words that are explained."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.main import get_command

from contracts.bindings.event_format import read as read_event
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Checked
from contracts.refusal import Refusal
from contracts.strict_json import parse
from hub.cli.main import app
from hub.config.load import Loaded, load_deployment
from routing.index import CompiledTable, compile_table
from routing.plan import plan
from routing.table import RouteTable, load
from tests.house.tree import ROOT, name, project

README = ROOT / "README.md"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for room in ("docs", "docker", "examples") for path in (ROOT / room).rglob("*.md"))]
)
TWINS = [(path.with_name("README.md"), path) for path in DOCUMENTS if path.name == "README.zh-CN.md"]
# The words of the domain that the code uses; the glossary explains each in both languages.
WORDS = [
    *(
        "case",
        "case number",
        "item",
        "item code",
        "application",
        "prereview",
        "acceptance",
        "correction",
        "process step",
    ),
    *("special procedure", "completion", "collection", "licence", "material", "package", "parallel approval", "system"),
    *("contract", "dialect", "route", "destination", "delivery", "attempt", "outcome", "receipt", "lane", "hold"),
    *("dead letter", "replay", "processor", "journal", "leaf", "checkpoint", "evidence", "reconcile", "deadline"),
    "supervision",
]


def outside_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def heading_levels(path: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", outside_code(path.read_text(encoding="utf-8")), re.MULTILINE)]


def code_blocks(path: Path) -> list[tuple[str, str]]:
    """Language and content of every fenced block; comments are for people and may be in their language."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [(language, re.sub(r"\s*#.*", "", content)) for language, content in blocks]


def commands(path: Path) -> list[tuple[str, str]]:
    return [block for block in code_blocks(path) if block[0] not in {"mermaid", "text"}]


def picture_shapes(path: Path) -> list[list[str]]:
    """A picture's words are translated; its arrows are not."""
    return [
        re.findall(r"--+>|==+>|-\.-+>", content) for language, content in code_blocks(path) if language == "mermaid"
    ]


def targets(path: Path) -> list[str]:
    """Where the links lead, beside those from one language to the other."""
    found = re.findall(r"\]\(([^)#]+)", outside_code(path.read_text(encoding="utf-8")))
    return [target.replace(".zh-CN.md", ".md") for target in found if not target.startswith("README")]


def test_the_readme_has_a_twin() -> None:
    assert README in [english for english, _ in TWINS]
    assert commands(README)


@pytest.mark.parametrize(("english", "chinese"), TWINS, ids=lambda path: name(path.parent))
@pytest.mark.parametrize("part", [heading_levels, commands, picture_shapes, targets])
def test_twins_are_in_step(part: Callable[[Path], Sequence[object]], english: Path, chinese: Path) -> None:
    assert part(english) == part(chinese)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", outside_code(document.read_text(encoding="utf-8")))
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_make_targets_exist(document: Path) -> None:
    """In code only: prose may say what it makes."""
    text = document.read_text(encoding="utf-8")
    code = "\n".join(
        [*(content for _, content in code_blocks(document)), *re.findall(r"`([^`\n]+)`", outside_code(text))]
    )
    targets = set(re.findall(r"^(.PHONY: )(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {target for _, line in targets for target in line.split()}

    assert set(re.findall(r"\bmake ([a-z-]+)", code)) - known == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_commands_exist(document: Path) -> None:
    """Every govhub command that a document shows is one."""
    text = document.read_text(encoding="utf-8")
    code = [
        line
        for language, content in code_blocks(document)
        if language in {"sh", "console"}
        for line in content.splitlines()
    ]
    code += re.findall(r"`([^`\n]+)`", outside_code(text))
    shown = {
        tuple(found[1].split())
        for line in code
        for found in re.finditer(r"(?:^|bin/|\s)govhub((?: [a-z][a-z-]*)+)", line)
    }
    unknown = [words for words in sorted(shown) if not understood(words)]

    assert unknown == []


def understood(words: tuple[str, ...]) -> bool:
    """Whether these words lead to a command; what follows a command may be an argument."""
    command: object = get_command(app)
    for word in words:
        commands = getattr(command, "commands", None)
        if commands is None:
            return True
        if word not in commands:
            return False
        command = commands[word]
    return True


def test_a_command_that_is_not_there_would_be_seen() -> None:
    assert understood(("routes", "check"))
    assert not understood(("roots", "check"))
    assert not understood(("routes", "mend"))


@pytest.mark.parametrize("word", WORDS)
def test_the_glossary_explains_every_word(word: str) -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    explained = {english.strip(): (chinese.strip(), meaning.strip()) for english, chinese, meaning in rows}

    assert word in explained
    chinese, meaning = explained[word]
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert meaning


def test_the_changelog_knows_this_version() -> None:
    version = project()["project"]["version"]

    assert re.search(
        rf"^## \[{re.escape(version)}\]|^## \[Unreleased\]",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )


def first_message() -> CloudEvent:
    event = read_event(parse((ROOT / "examples/first/application.json").read_bytes()))
    assert not isinstance(event, Refusal), event
    return event


def places(table: CompiledTable) -> tuple[str, ...]:
    """Where the first message goes by this table, after its contract has been checked."""
    event = first_message()
    contract = builtin().resolve(event.type, event.dataschema)
    assert not isinstance(contract, Refusal), contract
    checked = contract.check(event.data, event.subject)
    assert isinstance(checked, Checked), checked
    assert checked.warnings == ()
    return tuple(plan(table, checked.attributes(event.source)).destinations)


def test_the_first_message_is_taken_by_the_demonstration() -> None:
    routes = ROOT / "hub/demo/template/routes.yaml"
    table = load(routes.read_text(encoding="utf-8"), str(routes))
    assert isinstance(table, RouteTable), table

    assert set(places(compile_table(table))) == {"civil", "municipal"}


def test_the_first_message_is_taken_by_the_first_deployment() -> None:
    loaded = load_deployment(ROOT / "examples/first/govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded

    assert loaded.warnings == ()
    assert places(loaded.table) == ("civil-affairs",)


def test_the_first_case_is_asked_for_by_its_number() -> None:
    assert f"/v1/cases/{first_message().subject} " in README.read_text(encoding="utf-8")
