# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub contracts new`` and ``version``: files that keep the conventions, to be filled with meaning."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from contracts.publishing.package import ContractPackage
from contracts.publishing.packages import installed
from contracts.publishing.scaffold import family as families
from contracts.publishing.scaffold import package as packages
from contracts.text import Text
from hub.cli.telling import AsJson, stop, tell_json

Group = Annotated[
    str, typer.Option(help="govhub 自身契约的分组。 The group, for a family of govhub itself: handling, services, …")
]


def new(
    name: Annotated[str, typer.Argument(help="名称，如 inspection.recorded；或新契约包的名称。 Its name.")],
    title: Annotated[str, typer.Option(help="中文名称。 Its Chinese title.")] = "新契约",
    package: Annotated[
        str | None,
        typer.Option(help="已有的契约包；不写则为 govhub 自身。 An installed package; govhub itself by default."),
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(help="写出命名空间则新建一个契约包仓库。 Make a new package repository with it.")
    ] = None,
    into: Annotated[Path, typer.Option(help="新仓库的目录。 Where the new repository goes.")] = Path(),
    group: Group = "handling",
    as_json: AsJson = False,
) -> None:
    """新建一族契约，或（--namespace）一个契约包仓库。 A new family, or with --namespace a repository for a package."""
    if namespace is not None:
        _new_package(package or name, namespace, into, as_json=as_json)
        return
    owner = _package(package or "govhub", as_json=as_json)
    if not families.fits(name):
        _unfit(name, as_json=as_json)
    folder = _families_of(owner, group, as_json=as_json)
    dotted = _dotted(owner, folder)
    scaffold = families.family(
        namespace=owner.namespace,
        name=name,
        title=Text(title, name.replace(".", " ").capitalize()),
        folder=str(folder),
        package=dotted,
        listing=(folder / "__init__.py").read_text(encoding="utf-8"),
    )
    _write(scaffold.files, {scaffold.listing: scaffold.listed}, as_json=as_json)


def version(contract: Annotated[str, typer.Argument(help="契约全名。 The type.")], as_json: AsJson = False) -> None:
    """为一族契约新建下一个版本，内容与现版本相同，供修改。 The next version of a family: the same, until it is changed."""
    found = installed()
    versions = found.registry.versions(contract)
    if not versions:
        stop(
            Text(f"没有契约 {contract}。", f"There is no contract {contract}."),
            Text("请用 govhub contracts list 查看。", "See govhub contracts list."),
            as_json=as_json,
        )
    module = sys.modules[versions[-1].model.__module__]
    assert module.__file__ is not None, "a contract stands in a file"
    folder = Path(module.__file__).parent
    scaffold = families.version(
        versions[-1], folder=str(folder), listing=(folder / "__init__.py").read_text(encoding="utf-8")
    )
    _write(scaffold.files, {scaffold.listing: scaffold.listed}, as_json=as_json)


def _new_package(name: str, namespace: str, into: Path, *, as_json: bool) -> None:
    if not packages.fits(name, namespace) or namespace.startswith("cn.gov."):
        stop(
            Text("契约包的名称或命名空间不合规。", "The name or the namespace does not do."),
            Text(
                "名称如 luzhou-contracts；命名空间如 cn.luzhou. ，以点结尾，不在 cn.gov. 之内。",
                "A name like luzhou-contracts; a namespace like cn.luzhou. that ends with a dot, outside cn.gov.",
            ),
            as_json=as_json,
        )
    root = into / name
    _write({str(root / path): text for path, text in packages.package(name, namespace).items()}, {}, as_json=as_json)
    (root / "gate.sh").chmod(0o755)


def _package(name: str, *, as_json: bool) -> ContractPackage:
    found = next((one for one in installed().packages if one.name == name), None)
    if found is None:
        stop(
            Text(f"没有安装契约包 {name}。", f"No contract package {name} is installed."),
            Text("新建仓库请写 --namespace。", "Give --namespace to make a new repository."),
            as_json=as_json,
        )
    return found


def _families_of(package: ContractPackage, group: str, *, as_json: bool) -> Path:
    """The folder of families beside the lock."""
    assert isinstance(package.published, Path), "an installed package lies in files"
    folder = package.published.parent / "families"
    folder = folder / group if package.name == "govhub" else folder
    if not (folder / "__init__.py").is_file():
        stop(
            Text(f"没有分组 {group}。", f"There is no group {group}."),
            Text("请看 contracts/families 下的目录。", "See the folders in contracts/families."),
            as_json=as_json,
        )
    return folder


def _dotted(package: ContractPackage, folder: Path) -> str:
    assert isinstance(package.published, Path), "an installed package lies in files"
    return ".".join(folder.relative_to(package.published.parent.parent).parts)


def _write(files: Mapping[str, str], changed: Mapping[str, str], *, as_json: bool) -> None:
    existing = [path for path in files if Path(path).exists()]
    if existing:
        stop(
            Text(f"文件已存在：{existing[0]}。", f"{existing[0]} exists already."),
            Text("请另取名称，或先移走。", "Take another name, or move it away first."),
            as_json=as_json,
        )
    for path, text in {**files, **changed}.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    if as_json:
        tell_json({"written": list(files), "changed": list(changed)})
        return
    for path in (*files, *changed):
        typer.echo(path)
    typer.echo(
        "接下来：写明含义，运行测试，然后 govhub contracts publish。 Say what it means, run the tests, then publish."
    )


def _unfit(name: str, *, as_json: bool) -> None:
    stop(
        Text(f"名称不合规：{name}。", f"{name} does not do as a name."),
        Text(
            "请写小写单词，以点分隔，如 inspection.recorded。", "Lower-case words with dots, like inspection.recorded."
        ),
        as_json=as_json,
    )
