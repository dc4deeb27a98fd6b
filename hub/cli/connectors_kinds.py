# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors list``, ``show``, ``schema`` and ``docs``: which kinds are installed, and what each of them is."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from connectors.sdk import Role
from connectors.sdk.describing import Kind as Stranger
from connectors.sdk.describing import describe_all
from connectors.sdk.discovery import Broken, load, offered
from connectors.sdk.documents import ROLES, Described, Language, described, guarantees, index_page, kind_page
from connectors.sdk.fencing.fence import OURS
from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, stop, tell_json

INDEXES = ("connectors.md", "connectors.zh-CN.md")
"""The documents with a table of all kinds, between two marks."""

_BEGIN, _END = "<!-- kinds -->", "<!-- /kinds -->"

Kind = Annotated[str, typer.Argument(help="连接器种类，如 rest。 The kind, such as rest.")]


def list_kinds(as_json: AsJson = False) -> None:
    """列出已安装的连接器，含不可用的。 Every installed connector, also those that cannot be used."""
    found = _installed()
    usable = [one for one in found.values() if isinstance(one, Described)]
    unusable = [one for one in found.values() if isinstance(one, Broken)]
    if as_json:
        tell_json(
            {
                "connectors": [_summary(one) for one in usable],
                "broken": [{"name": one.name, "reason": one.reason} for one in unusable],
            }
        )
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("种类 kind", "名称 title", "可作 can be", "来自 from", "运行于 runs in"):
        table.add_column(heading)
    for one in usable:
        roles = "、".join(ROLES[role].zh for role in one.roles)
        ours = _reference(one.manifest.kind).startswith(OURS)
        table.add_row(
            one.manifest.kind, str(one.manifest.title), roles, _origin(one.manifest.kind), _runs_in(ours=ours)
        )
    for broken in unusable:
        table.add_row(broken.name, f"不可用 broken: {broken.reason}", "", _origin(broken.name), "")
    Console().print(table)


def show(kind: Kind, as_json: AsJson = False) -> None:
    """显示一种连接器的保证与配置项。 What one kind promises, and its settings."""
    one = known(kind, as_json=as_json)
    if as_json:
        schemas = {role.value: one.schemas[role] for role in one.roles}
        tell_json({**_summary(one), "promises": dict(guarantees(one.manifest, "en")), "settings": schemas})
        return
    console = Console()
    table = Table(
        title=f"{kind} · {one.manifest.title}", box=None, pad_edge=False, show_header=False, title_justify="left"
    )
    for (zh, said), (en, also) in zip(guarantees(one.manifest, "zh"), guarantees(one.manifest, "en"), strict=True):
        table.add_row(f"{zh} {en}", said if said == also else f"{said} / {also}")
    console.print(table)
    for role in one.roles:
        settings = Table(title=f"\n{ROLES[role]}", box=None, pad_edge=False, title_justify="left")
        for heading in ("配置项 setting", "必填 required", "说明 meaning"):
            settings.add_column(heading, overflow="fold")
        schema = one.schemas[role]
        for name, field in schema.get("properties", {}).items():
            settings.add_row(name, "✓" if name in schema.get("required", ()) else "", field.get("description", ""))
        console.print(settings)


def schema(
    kind: Kind, role: Annotated[Role | None, typer.Option(help="哪种用途。 In which role, if it has several.")] = None
) -> None:
    """输出配置的 JSON Schema。 The JSON Schema of its settings, for editors and forms."""
    one = known(kind, as_json=True)
    chosen = role or one.roles[0]
    if chosen not in one.roles:
        stop(
            Text(f"{kind} 不能作 {chosen}。", f"{kind} is no {chosen}."),
            Text(f"可写：{'、'.join(one.roles)}", f"One of: {', '.join(one.roles)}"),
            as_json=True,
            code=FAULTY,
        )
    tell_json(one.schemas[chosen])


def docs(
    into: Annotated[Path, typer.Option(help="文档目录。 The folder of documents.")] = Path("docs"),
    as_json: AsJson = False,
) -> None:
    """为已安装的每种连接器生成说明页（中、英），并更新总表。 A page for every installed kind, and the table of all of them."""
    made = documents(
        [one for one in _installed().values() if isinstance(one, Described)],
        {name: _text(into / name) for name in INDEXES},
    )
    for name, text in made.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(text, encoding="utf-8")
    if as_json:
        tell_json({"written": [str(into / name) for name in made]})
    else:
        typer.echo("\n".join(str(into / name) for name in made))


def documents(kinds: Sequence[Described], indexes: Mapping[str, str]) -> dict[str, str]:
    """Every generated document by its path; ``indexes`` are the pages with a table of kinds, as they are now."""
    made = {f"connectors/{name}": text for one in kinds for name, text in pages(one).items()}
    for name, text in indexes.items():
        before, begin, rest = text.partition(_BEGIN)
        _, end, after = rest.partition(_END)
        if end:
            language: Language = "zh" if ".zh-CN." in name else "en"
            made[name] = f"{before}{begin}\n{index_page(kinds, language)}\n{end}{after}"
    return made


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def pages(one: Described) -> dict[str, str]:
    """A kind's pages by file name."""
    kind = one.manifest.kind
    return {f"{kind}.md": kind_page(one, "en"), f"{kind}.zh-CN.md": kind_page(one, "zh")}


def known(kind: str, *, as_json: bool) -> Described:
    """The installed kind of that name, or the end of the command."""
    found = _installed(kind).get(kind)
    if isinstance(found, Described):
        return found
    if isinstance(found, Broken):
        reason = Text(f"连接器不可用：{found.reason}", f"The connector cannot be used: {found.reason}")
        remedy = Text("请修复或重装该连接器。", "Mend or reinstall it.")
    else:
        kinds = sorted(offered())
        reason = Text(f"没有安装连接器 {kind}。", f"No connector {kind} is installed.")
        remedy = Text(f"已安装：{'、'.join(kinds)}", f"Installed: {', '.join(kinds)}")
    return stop(reason, remedy, as_json=as_json, code=FAULTY)


def _installed(only: str | None = None) -> dict[str, Described | Broken]:
    """What is installed, by name. Ours are loaded; third parties' are described by a process behind a fence."""
    found: dict[str, Described | Broken] = {}
    strangers: list[Stranger] = []
    for name, entry in offered().items():
        if only is not None and name != only:
            continue
        if isinstance(entry, Broken):
            found[name] = entry
        elif entry.value.startswith(OURS):
            connector = load(entry.value, name)
            found[name] = connector if isinstance(connector, Broken) else described(connector)
        else:
            strangers.append(Stranger(name, entry.value, entry.dist.name if entry.dist is not None else entry.module))
    found |= {kind.name: told for kind, told in zip(strangers, describe_all(strangers), strict=True)}
    return dict(sorted(found.items()))


def reference_of(kind: str) -> str:
    """The ``package.module:ATTRIBUTE`` of an installed kind; empty for one that two distributions claim."""
    return _reference(kind)


def _summary(one: Described) -> dict[str, object]:
    manifest = one.manifest
    reference = _reference(manifest.kind)
    return {
        "kind": manifest.kind,
        "title": {"zh": manifest.title.zh, "en": manifest.title.en},
        "summary": {"zh": manifest.summary.zh, "en": manifest.summary.en},
        "roles": [role.value for role in one.roles],
        "reference": reference,
        "origin": _origin(manifest.kind),
        "isolation": "hub" if reference.startswith(OURS) else "process",
    }


def _reference(kind: str) -> str:
    entry = offered().get(kind)
    return entry.value if isinstance(entry, EntryPoint) else ""


def _origin(kind: str) -> str:
    entry = offered().get(kind)
    if isinstance(entry, Broken) or entry is None or entry.dist is None:
        return "?"
    return f"{entry.dist.name} {entry.dist.version}"


def _runs_in(*, ours: bool) -> str:
    return "中枢进程 hub" if ours else "单独进程 process"
