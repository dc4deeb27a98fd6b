# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub contracts``: what may be said, whether a change breaks anybody, and what is in use."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from contracts.publishing.lock import (
    Changed,
    Compared,
    Unchanged,
    Unpublished,
    Unreadable,
    Vanished,
    compare,
    write,
)
from contracts.publishing.package import ContractPackage
from contracts.publishing.packages import Installed, installed
from contracts.text import Text
from hub.cli import contracts_in_use, contracts_scaffold
from hub.cli.contracts_trial import try_on_journal
from hub.cli.period import period_of
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json

app = typer.Typer(help="契约：目录、兼容检查、发布、启用。 Contracts.", no_args_is_help=True)
app.command("active")(contracts_in_use.active)
app.command("retire")(contracts_in_use.retire)
app.command("new")(contracts_scaffold.new)
app.command("version")(contracts_scaffold.version)

OURS = "govhub"
_BROKEN = 1


@app.command("list")
def list_contracts(as_json: AsJson = False) -> None:
    """列出全部契约及版本。 Every contract and version, ours and those of installed packages."""
    found = _installed(as_json=as_json)
    owners = {contract.schema_uri: package.name for package in found.packages for contract in package.contracts}
    contracts = found.registry.all()
    if as_json:
        tell_json(
            {
                "contracts": [
                    {
                        "type": contract.type,
                        "version": contract.version,
                        "dataschema": contract.schema_uri,
                        "title": contract.title._asdict(),
                        "package": owners[contract.schema_uri],
                    }
                    for contract in contracts
                ]
            }
        )
        return
    for contract in contracts:
        owner = owners[contract.schema_uri]
        typer.echo(f"{contract.type}@{contract.version}  {contract.title}{'' if owner == OURS else f'  [{owner}]'}")


@app.command()
def show(
    contract: Annotated[str, typer.Argument(help="契约，可加 @版本。 The type, with @version if wanted.")],
    as_json: AsJson = False,
) -> None:
    """输出一个契约版本的 JSON Schema；不写版本则为最新。 The JSON Schema of one version, the newest by default."""
    found = _installed(as_json=as_json)
    name, _, version = contract.partition("@")
    versions = {str(one.version): one for one in found.registry.versions(name)}
    wanted = versions.get(version or (list(versions) or [""])[-1])
    if wanted is None:
        stop(
            Text(f"没有契约 {contract}。", f"There is no contract {contract}."),
            Text("请用 govhub contracts list 查看。", "See govhub contracts list."),
            as_json=as_json,
        )
    typer.echo(json.dumps(wanted.json_schema(), ensure_ascii=False, indent=2))


@app.command()
def check(
    against_journal: Annotated[
        str | None,
        typer.Option(
            metavar="7d", help="用最近的实际消息试用，如 7d、12h。 Try the contracts on what was sent lately."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """与已发布的版本比较：增加可以，破坏不行。 Compare with what was published: additions pass, breaks do not."""
    found = _installed(as_json=as_json)
    if against_journal is not None:
        asyncio.run(try_on_journal(config, period_of(against_journal, as_json=as_json), as_json=as_json))
        return
    compared = [(package, one) for package in found.packages for one in compare(package)]
    broken = [one for _, one in compared if one.breaks] or found.unusable
    if as_json:
        unusable = [{"package": one.name, "reason": one.reason._asdict()} for one in found.unusable]
        listed = [_as_dict(package, one) for package, one in compared]
        tell_json({"ok": not broken, "contracts": listed, "unusable": unusable})
    else:
        _tell(compared)
    if broken:
        raise typer.Exit(_BROKEN)


@app.command()
def publish(
    package: Annotated[str, typer.Option(help="契约包。 The package.")] = OURS, as_json: AsJson = False
) -> None:
    """把当前契约写入发布记录；有破坏时拒绝。 Write the contracts into the lock; refused while something breaks."""
    found = _installed(as_json=as_json)
    wanted = next((one for one in found.packages if one.name == package), None)
    if wanted is None or not isinstance(wanted.published, Path):
        stop(
            Text(f"没有可写的契约包 {package}。", f"There is no package {package} that could be written."),
            Text("请在其源码目录中以可编辑方式安装。", "Install it from its sources, editable."),
            as_json=as_json,
        )
    compared = [(wanted, one) for one in compare(wanted)]
    if any(one.breaks for _, one in compared):
        if as_json:
            tell_json({"ok": False, "contracts": [_as_dict(package_, one) for package_, one in compared]})
        else:
            _tell(compared)
        raise typer.Exit(_BROKEN)
    written = write(wanted, wanted.published)
    if as_json:
        tell_json({"ok": True, "written": written})
    else:
        typer.echo(f"已发布 {len(written)} 个文件。 {len(written)} files written.")
        for name in written:
            typer.echo(f"  {name}")


def _installed(*, as_json: bool) -> Installed:
    found = installed()
    if not as_json:
        for one in found.unusable:
            typer.echo(f"契约包 {one.name} 不可用：{one.reason}", err=True)
    return found


def _said(one: Compared) -> tuple[str, Text]:
    """The verdict for programs and for people."""
    match one.verdict:
        case Unchanged():
            return "unchanged", Text("与发布一致", "as published")
        case Unpublished():
            return "unpublished", Text("新版本，尚未发布", "new, not published yet")
        case Vanished():
            return "vanished", Text("已发布，代码中不再存在", "published, and gone from the code")
        case Unreadable(reason):
            return "unreadable", Text(f"发布记录不可读（{reason}）", f"its file in the lock cannot be read ({reason})")
        case Changed() as changed:
            if changed.breaking():
                return "breaking", Text("有破坏性改动：请另立新版本", "breaking: make a new version of it")
            return "changed", Text("仅有增加，可以发布", "additions only: may be published")


def _as_dict(package: ContractPackage, one: Compared) -> dict[str, object]:
    changes = one.verdict.changes if isinstance(one.verdict, Changed) else ()
    return {
        "package": package.name,
        "type": one.type,
        "version": one.version,
        "verdict": _said(one)[0],
        "changes": [
            {"rule": c.rule, "path": c.path, "breaks": c.breaks.value, "text": c.text._asdict()} for c in changes
        ],
    }


def _tell(compared: Iterable[tuple[ContractPackage, Compared]]) -> None:
    counts: dict[str, int] = {}
    for package, one in compared:
        word, text = _said(one)
        counts[word] = counts.get(word, 0) + 1
        if word == "unchanged":
            continue
        typer.echo(f"{package.name}  {one.type}@{one.version}: {text}")
        for change in one.verdict.changes if isinstance(one.verdict, Changed) else ():
            typer.echo(f"    {change.rule:<20} {change.path}  [{change.breaks.value}]  {change.text}")
    typer.echo("，".join(f"{word} {count}" for word, count in counts.items()))
