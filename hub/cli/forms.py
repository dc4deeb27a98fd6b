# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub forms``: check the items' own forms before a hub reads them, look at them, and try one out."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.conversion import Inexpressible
from contracts.families.form import within_bounds
from contracts.item_forms.definition import Carrier
from contracts.item_forms.form import Form
from contracts.item_forms.load import LoadedForms, load_folder
from contracts.item_forms.shape import fields, path_of
from contracts.refusal import Refusal, Violation
from contracts.strict_json import parse
from contracts.text import Text
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, fault_as_dict, stop, tell_faults, tell_json
from hub.config.load import Loaded, load_deployment

app = typer.Typer(help="事项表单：检查、查看、试填。 Item forms: check, look, try.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option("--folder", "-f", help="只看这个表单目录。 Look at this folder of forms, without a deployment."),
]
Item = Annotated[str, typer.Argument(help="实施编码。 The item's code.")]
AtStep = Annotated[bool, typer.Option("--step", help="环节携带的表单。 The form that a step carries.")]
Version = Annotated[int | None, typer.Option("--version", help="表单版本，默认最新。 The form's version; the newest.")]


@app.command()
def check(config: Config = DEFAULT_CONFIG, folder: Folder = None, as_json: AsJson = False) -> None:
    """检查表单文件，指出文件、行和改法。 Check the form files; name file, line and remedy."""
    loaded = _load(config, folder, as_json=as_json)
    if as_json:
        tell_json({"ok": True, "faults": [fault_as_dict(fault) for fault in loaded.warnings]})
        return
    tell_faults(loaded.warnings, as_json=False)
    count = len(loaded.registry.all())
    typer.echo(f"表单可用：{count} 个版本。 {count} form versions: usable.")


@app.command(name="list")
def list_forms(config: Config = DEFAULT_CONFIG, folder: Folder = None, as_json: AsJson = False) -> None:
    """列出已注册的表单。 List the registered forms."""
    forms = _load(config, folder, as_json=as_json).registry.all()
    if as_json:
        tell_json({"forms": [_entry(form) for form in forms]})
        return
    for form in forms:
        items = " ".join(map(str, form.selectors))
        typer.echo(f"{form.name}  {form.version}  {form.title.zh} {form.title.en}  {items}")


@app.command()
def show(
    item: Item,
    version: Version = None,
    step: AtStep = False,
    config: Config = DEFAULT_CONFIG,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """查看一个事项的表单：字段、个人信息、与上一版本的差别。 Fields, personal data and changes of an item's form."""
    form = _find(_load(config, folder, as_json=as_json), item, version, step=step, as_json=as_json)
    changes = form.conversion.steps if form.conversion is not None else ()
    if as_json:
        schema = form.json_schema()
        personal = {path: kind.value for path, kind in form.personal.items()}
        tell_json(
            {**_entry(form), "schema": schema, "personal": personal, "changes": [c.text()._asdict() for c in changes]}
        )
        return
    typer.echo(f"{form.title.zh} {form.title.en}  {form.name} {form.version}")
    for field in fields(form.schema):
        if field.way:
            kinds = "/".join(sorted(field.types)) or "code"
            marked = field.get("x-personal") or ""
            typer.echo(f"  {path_of(field.way)}  {field.get('title') or ''}  {kinds}  {marked}".rstrip())
    for change in changes:
        typer.echo(f"  Δ {change.text().zh} / {change.text().en}")


@app.command(name="try")
def try_form(
    item: Item,
    data: Annotated[
        Path, typer.Argument(help="填好的表单（JSON 对象），- 为标准输入。 A filled-in form; - reads stdin.")
    ],
    version: Version = None,
    to: Annotated[int | None, typer.Option("--to", help="再转换到此版本。 Convert it to this version as well.")] = None,
    step: AtStep = False,
    config: Config = DEFAULT_CONFIG,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """试填：列出全部问题；可再转换到另一版本。 Hold a filled-in form against its schema, and convert it if asked to."""
    loaded = _load(config, folder, as_json=as_json)
    form = _find(loaded, item, version, step=step, as_json=as_json)
    filled = _read(data, as_json=as_json)
    if found := form.check(filled):
        _tell_violations(found, as_json=as_json)
        raise typer.Exit(1)
    if to is None or to == form.version:
        _tell(f"表单合规：{form.name} {form.version}。 The form is valid.", {"ok": True}, as_json=as_json)
        return
    whole = {"item_code": item, "form_version": form.version, "data": filled}
    told = loaded.registry.convert(whole, to, _carrier(step))
    if isinstance(told, Inexpressible):
        stop(told.text, Text(f"位置：{told.path}", f"At {told.path}"), as_json=as_json)
    losses = [{"path": loss.path, "zh": loss.text.zh, "en": loss.text.en} for loss in told.losses]
    tell_json({"ok": True, "form": told.data, "losses": losses})


def _load(config: Path, folder: Path | None, *, as_json: bool) -> LoadedForms:
    """The forms of a folder, or of a deployment; else the command ends with what is wrong."""
    if folder is not None:
        loaded = load_folder(folder)
    else:
        deployment = load_deployment(config)
        if not isinstance(deployment, Loaded):
            loaded = deployment
        elif deployment.forms is None:
            stop(*_NO_FORMS, as_json=as_json, code=FAULTY)
        else:
            loaded = deployment.forms
    if isinstance(loaded, LoadedForms):
        return loaded
    tell_faults(loaded, as_json=as_json)
    raise typer.Exit(FAULTY)


def _find(loaded: LoadedForms, item: str, version: int | None, *, step: bool, as_json: bool) -> Form:
    versions = loaded.registry.versions(item, _carrier(step))
    wanted = [form for form in versions if version in {None, form.version}]
    if not wanted:
        known = ", ".join(str(form.version) for form in versions) or "-"
        stop(
            Text("没有注册该事项的这一表单。", "No such form is registered for the item."),
            Text(
                f"该事项的版本：{known}；用 govhub forms list 查看。", f"Its versions: {known}; see govhub forms list."
            ),
            as_json=as_json,
        )
    return wanted[-1]


def _carrier(step: bool) -> Carrier:  # noqa: FBT001  # because the flag is the command's own
    return "step" if step else "application"


def _read(file: Path, *, as_json: bool) -> dict[str, Any]:
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        reason = Text(f"文件读不出来：{file}（{error.strerror}）。", f"Cannot read {file}: {error.strerror}.")
        stop(reason, Text("请检查路径。", "See to the path."), as_json=as_json, code=FAULTY)
    value = parse(body)
    if isinstance(value, Refusal):
        stop(value.detail, Text("请改正 JSON。", "Mend the JSON."), as_json=as_json)
    if not isinstance(value, dict) or not within_bounds(value):
        stop(*_NO_OBJECT, as_json=as_json)
    return value


def _tell_violations(found: tuple[Violation, ...], *, as_json: bool) -> None:
    if as_json:
        listed = [
            {"code": one.code, "path": one.path, "expected": one.expected._asdict(), "remedy": one.remedy._asdict()}
            for one in found
        ]
        tell_json({"ok": False, "violations": listed})
        return
    for one in found:
        typer.echo(f"{one.code} {one.path}: {one.expected.zh}；{one.remedy.zh}", err=True)
        typer.echo(f"    {one.expected.en}; {one.remedy.en}", err=True)


def _tell(text: str, value: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        tell_json(value)
    else:
        typer.echo(text)


def _entry(form: Form) -> dict[str, object]:
    return {
        "name": form.name,
        "version": form.version,
        "title": form.title._asdict(),
        "items": [str(selector) for selector in form.selectors],
        "carried_by": sorted(form.carried_by),
        "file": form.file,
    }


_NO_FORMS = (
    Text("部署文件没有 forms 一节。", "The deployment has no forms section."),
    Text("请加上 forms: {folder: forms}，或用 --folder。", "Add forms: {folder: forms}, or use --folder."),
)
_NO_OBJECT = (
    Text("内容不是对象，或过大。", "It is no JSON object, or too large a one."),
    Text("请给出 form.data 的内容。", "Give what stands under form.data."),
)
