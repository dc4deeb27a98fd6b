# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub province check``: a province's specification in a folder, what is wrong with it, and what it leaves open. 省级规范"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from connectors.front_db import CONNECTOR
from connectors.front_db.profiles import FILE
from contracts.catalogue import builtin
from contracts.fault import Fault
from contracts.located import Located, build, read
from contracts.mapping.case_file import beside
from contracts.mapping.cases import CaseResult, Ran, run
from contracts.mapping.loading import Loaded, load
from contracts.mapping.plan import Each, Item
from contracts.text import Text
from hub.cli.province_loading import catch_up, load_export
from hub.cli.telling import FAULTY, AsJson, fault_as_dict, tell_json

MAP = "mapping.yaml"
OPEN = "E_MAP_SITE"
"""The code of a warning that says: the codes of this list were never told."""

app = typer.Typer(
    help="省级交换：规范、初始装载与补报。 A province: specification, load, catch-up.", no_args_is_help=True
)
app.command("load")(load_export)
app.command("catch-up")(catch_up)

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="规范目录：profile.yaml 与 mapping.yaml。 The specification's folder.")
]
# What a profile leaves to each deployment: where the database is.
_ANYWHERE = {"url": "postgresql://front.example.gov.cn/exchange", "user": "govhub", "password_secret": "front"}
_TABLE = Text(
    "映射会写入这张表，而 sink.tables 没有它。", "The map writes this table, and sink.tables does not name it."
)
_ADD = Text(
    "请在 profile.yaml 的 sink.tables 中加上，或删去该映射。",
    "Add it to sink.tables, or take the message out of the map.",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """``faults`` hinder it; ``questions`` are what nobody has told yet: what needs it is refused until then."""

    faults: tuple[Fault, ...]
    questions: tuple[Fault, ...] = ()
    untold: tuple[str, ...] = ()
    cases: tuple[CaseResult, ...] = ()

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return tuple(one for one in self.cases if one.differences)


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """检查一份省级规范，列出尚未解答的问题。 Check a specification, and list the questions it leaves open."""
    found = checked(folder)
    wrong = bool(found.faults or found.failed or found.untold)
    if as_json:
        tell_json(
            {
                "folder": str(folder),
                "ok": not wrong,
                "faults": [fault_as_dict(one) for one in found.faults],
                "tables_not_listed": list(found.untold),
                "open_questions": [fault_as_dict(one) for one in found.questions],
                "cases": {"run": len(found.cases), "failed": [one.name for one in found.failed]},
            }
        )
    else:
        _tell(found)
    if wrong:
        raise typer.Exit(FAULTY)


def checked(folder: Path) -> Checked:
    """Everything that can be said about a folder without its database."""
    faults = tuple(_of_profile(folder))
    loaded = load(folder / MAP, builtin())
    if not isinstance(loaded, Loaded):
        return Checked((*faults, *(one for one in loaded if one.severity == "error")))
    questions = tuple(one for one in loaded.warnings if one.code == OPEN)
    cases: tuple[CaseResult, ...] = ()
    if beside(folder / MAP).exists():
        ran = run(beside(folder / MAP), loaded.site_map, builtin())
        faults, cases = (faults, ran.results) if isinstance(ran, Ran) else ((*faults, *ran), ())
    return Checked(faults, questions, tuple(_untold(folder, loaded)), cases)


def _of_profile(folder: Path) -> Iterator[Fault]:
    document = read(folder / FILE)
    if isinstance(document, Fault):
        yield document
        return
    said = document.value if isinstance(document.value, dict) else {}
    for role, model in (("sink", CONNECTOR.config), ("source", CONNECTOR.source_config)):
        if role in said:
            settings = said[role]
            whole = {**_ANYWHERE, **settings} if isinstance(settings, dict) else settings
            built = build(document.below((role,), whole), model)
            if isinstance(built, tuple):
                yield from built


def _untold(folder: Path, loaded: Loaded) -> Iterator[str]:
    """Tables that the map writes and the profile does not let be written."""
    document = read(folder / FILE)
    said = document.value if isinstance(document, Located) and isinstance(document.value, dict) else {}
    sink = said.get("sink")
    listed = sink.get("tables", ()) if isinstance(sink, dict) else ()
    if not listed:
        return
    written = {name for one in loaded.site_map.messages if one.writes for name in (one.name, *_children(one.items))}
    yield from sorted(written - set(listed))


def _children(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Each):
            yield item.name


def _tell(found: Checked) -> None:
    for fault in found.faults:
        typer.echo(str(fault), err=True)
    for table in found.untold:
        typer.echo(f"{table}: {_TABLE.zh}{_ADD.zh}\n    {_TABLE.en} {_ADD.en}", err=True)
    for case in found.failed:
        typer.echo(f"未通过 failed: {case.name} ({case.direction})", err=True)
    typer.echo(f"{len(found.cases) - len(found.failed)}/{len(found.cases)} 用例通过 cases passed")
    typer.echo(f"{len(found.questions)} 个未决问题 open questions")
    for question in found.questions:
        typer.echo(f"  {question}")
