# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub notices``: templates checked, and a notice seen as it will be read, before anybody is sent anything."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.notices.templates import Rendered, Templates, load_templates
from contracts.text import Text
from hub.api.notice_documents import counted, preview_document
from hub.cli.telling import FAULTY, AsJson, fault_as_dict, stop, tell_faults, tell_json

app = typer.Typer(
    help="通知：检查模板，发送前预览。 Notices: check templates, see them before they go.", no_args_is_help=True
)

File = Annotated[Path, typer.Option("--file", "-f", help="模板文件。 The file of templates.")]
DEFAULT_FILE = Path("templates.yaml")


@app.command()
def check(file: File = DEFAULT_FILE, as_json: AsJson = False) -> None:
    """检查模板文件，并列出每个模板填满时的长度与条数。 Check the file; how long each template can become."""
    templates = _load(file, as_json=as_json)
    longest = {
        name: Rendered("", template.longest(), templates.signature).segmented
        for name, template in templates.by_id.items()
    }
    if as_json:
        tell_json({"ok": True, "templates": {name: counted(one) for name, one in longest.items()}})
        return
    for name, one in longest.items():
        title = templates.by_id[name].title
        typer.echo(
            f"{name}  {title}  最长 {one.places} 字，{len(one.parts)} 条 / at most {one.places} places, {len(one.parts)} parts"
        )


@app.command()
def preview(
    template: Annotated[str, typer.Argument(help="模板编号。 The template's id.")],
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="参数，名称=值。 NAME=VALUE, repeated.")
    ] = None,
    signature: Annotated[str | None, typer.Option(help="另用的签名。 Another signature.")] = None,
    file: File = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """显示一条通知发出时的样子：正文、长度、条数。 A notice as it will be read: text, length, parts."""
    templates = _load(file, as_json=as_json)
    values = dict(_parted(one, as_json=as_json) for one in param or ())
    rendered = templates.rendered(template, values, signature)
    if not isinstance(rendered, Rendered):
        if not rendered.misfits:
            known = ", ".join(templates.by_id)
            stop(
                Text(f"没有这个模板：{template}。", f"There is no template '{template}'."),
                Text(f"现有：{known}", f"There are: {known}"),
                as_json=as_json,
            )
        problems = [{"name": one.name, "problem": one.problem._asdict()} for one in rendered.misfits]
        if as_json:
            tell_json({"ok": False, "misfits": problems})
        else:
            for one in rendered.misfits:
                typer.echo(f"{one.name}: {one.problem}", err=True)
        raise typer.Exit(1)
    seen = preview_document(rendered)
    if as_json:
        tell_json({"ok": True, **seen})
        return
    typer.echo(seen["text"])
    typer.echo(
        f"\n{seen['alphabet']}: {seen['places']} 字，分 {seen['segments']} 条 / "
        f"{seen['places']} places, {seen['segments']} text messages"
    )


def _parted(text: str, *, as_json: bool) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        stop(
            Text("参数要写成 名称=值。", "A parameter is NAME=VALUE."),
            Text("例如 -p item=食品经营许可。", "As in -p item=licence."),
            as_json=as_json,
        )
    return name, value


def _load(file: Path, *, as_json: bool) -> Templates:
    loaded = load_templates(file)
    if isinstance(loaded, Templates):
        return loaded
    if as_json:
        tell_json({"ok": False, "faults": [fault_as_dict(one) for one in loaded]})
    else:
        tell_faults(loaded, as_json=False)
    raise typer.Exit(FAULTY)
