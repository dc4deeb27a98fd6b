# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub maps``: check a site's map before it runs, try it on its cases, and see what it makes of a file."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from contracts import strict_json
from contracts.bindings.event_format import read as read_event
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.conversion import Loss, Record
from contracts.dialects.mapped import MapDialect
from contracts.fault import Position
from contracts.located import Fault
from contracts.mapping.case_file import beside
from contracts.mapping.cases import CaseResult, Ran, run, run_beside
from contracts.mapping.context import CONTEXT, Context, unfit
from contracts.mapping.loading import Loaded, load, shipped
from contracts.mapping.site_map import SiteMap
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, fault_as_dict, stop, tell_faults, tell_json

app = typer.Typer(
    help="站点映射：检查、试用例、转换。 Site maps: check them, try their cases, convert a file.", no_args_is_help=True
)

Name = Annotated[
    str, typer.Argument(metavar="MAP", help="映射文件或随附映射的名称。 A map file, or the name of a shipped map.")
]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is wrong with one map, and how its cases went."""

    path: Path
    faults: tuple[Fault, ...]
    results: tuple[CaseResult, ...] = ()

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return tuple(result for result in self.results if result.differences)

    def as_dict(self) -> dict[str, object]:
        return {
            "map": str(self.path),
            "faults": [fault_as_dict(fault) for fault in self.faults],
            "cases": [
                {
                    "name": result.name,
                    "direction": result.direction,
                    "passed": not result.differences,
                    "differences": [
                        {"path": one.path, "wanted": one.wanted, "found": one.found} for one in result.differences
                    ],
                }
                for result in self.results
            ],
        }


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="映射文件；省略则为随附的映射。 Map files; none: the shipped ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """检查映射文件，并试其用例。 Check maps, and try the cases beside them."""
    _tell([_checked(path) for path in files or shipped().values()], as_json=as_json)


@app.command("test")
def try_cases(
    name: Name,
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="用例文件；省略则为旁边的 _test.yaml。 Cases; default: _test.yaml beside it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """试一个映射的用例。 Try the cases of one map."""
    path = _path(name)
    ran = run(cases or beside(path), _loaded(path, as_json=as_json), builtin())
    _tell([_Told(path, (), ran.results) if isinstance(ran, Ran) else _Told(path, ran)], as_json=as_json)


@app.command()
def convert(
    file: Annotated[
        Path, typer.Argument(help="一条消息的文件，- 为标准输入。 A file with one message; - is standard input.")
    ],
    name: Annotated[
        str, typer.Option("--map", help="映射文件或随附映射的名称。 A map file, or the name of a shipped map.")
    ],
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", help="同一办件先前的 CloudEvents 文件。 An earlier CloudEvent of the same case."),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--value", help="随附信息，如 batch=1。 Context, such as batch=1.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """CloudEvents 转成方言，方言转成规范 JSON。 A CloudEvent becomes the dialect; the dialect, canonical JSON."""
    dialect = MapDialect(name, _loaded(_path(name), as_json=as_json))
    body = _content(file, as_json=as_json)
    if not _is_event(body):
        _to_canonical(dialect, body, as_json=as_json)
        return
    contract, data = _event(body, as_json=as_json)
    events = [_event(_content(one, as_json=as_json), as_json=as_json) for one in earlier or ()]
    context = Context(_values(values or (), as_json=as_json), {one.type: record for one, record in events})
    encoded = dialect.encode(contract, data, context)
    if isinstance(encoded, Refusal):
        _refuse(encoded, as_json=as_json)
    if as_json:
        tell_json(
            {
                "content_type": encoded.content_type,
                "body": encoded.body.decode(
                    dialect.site_map.encoding.value if dialect.site_map.carrier == "xml" else "utf-8"
                ),
                "losses": _losses(encoded.losses),
            }
        )
        return
    sys.stdout.buffer.write(encoded.body + b"\n")
    _tell_losses(encoded.losses)


def _to_canonical(dialect: MapDialect, body: bytes, *, as_json: bool) -> None:
    decoded = dialect.decode(body, dialect.content_type.partition(";")[0])
    if isinstance(decoded, Refusal):
        _refuse(decoded, as_json=as_json)
    if as_json:
        tell_json(
            {
                "contract": decoded.contract.schema_uri,
                "data": strict_json.parse(decoded.checked.canonical),
                "supplied": decoded.supplied,
                "losses": _losses(decoded.losses),
            }
        )
        return
    typer.echo(decoded.checked.canonical.decode())
    typer.echo(f"契约 contract: {decoded.contract.schema_uri}", err=True)
    _tell_losses(decoded.losses)


def _path(name: str) -> Path:
    return shipped().get(name) or Path(name)


def _loaded(path: Path, *, as_json: bool) -> SiteMap:
    loaded = load(path, builtin())
    if isinstance(loaded, Loaded):
        return loaded.site_map
    tell_faults(loaded, as_json=as_json)
    raise typer.Exit(FAULTY)


def _checked(path: Path) -> _Told:
    loaded = load(path, builtin())
    if not isinstance(loaded, Loaded):
        return _Told(path, loaded)
    ran = run_beside(path, loaded.site_map, builtin())
    match ran:
        case None:
            remedy = Text(f"请在旁边写 {beside(path).name}。", f"Write {beside(path).name} beside it.")
            at = Position(str(path), 1, 1)
            return _Told(path, (*loaded.warnings, Fault("E_MAP_UNTESTED", "", at, _UNTESTED, remedy, "warning")))
        case Ran(results):
            return _Told(path, loaded.warnings, results)
        case faults:
            return _Told(path, (*loaded.warnings, *faults))


def _tell(told: Sequence[_Told], *, as_json: bool) -> None:
    errors = any(fault.severity == "error" for one in told for fault in one.faults)
    failed = any(one.failed for one in told)
    if as_json:
        tell_json({"ok": not (errors or failed), "maps": [one.as_dict() for one in told]})
    else:
        for one in told:
            tell_faults(one.faults, as_json=False)
            _tell_results(one)
    if errors or failed:
        raise typer.Exit(FAULTY if errors else 1)


def _tell_results(told: _Told) -> None:
    for result in told.failed:
        typer.echo(f"未通过 failed: {result.name} ({result.direction})")
        for one in result.differences:
            typer.echo(f"    {one.path}\n      - {one.wanted}\n      + {one.found}")
    passed = len(told.results) - len(told.failed)
    typer.echo(f"{told.path}: {passed}/{len(told.results)} 用例通过 cases passed")


def _content(file: Path, *, as_json: bool) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        stop(
            Text(f"文件读不出来：{file}（{error.strerror}）。", f"Cannot read {file}: {error.strerror}."),
            Text("请检查路径。", "See to the path."),
            as_json=as_json,
            code=FAULTY,
        )


def _is_event(body: bytes) -> bool:
    value = strict_json.parse(body)
    return isinstance(value, dict) and "specversion" in value


def _event(body: bytes, *, as_json: bool) -> tuple[Contract, Record]:
    """The contract and the canonical data of an event."""
    value = strict_json.parse(body)
    event = value if isinstance(value, Refusal) else read_event(value)
    if isinstance(event, Refusal):
        _refuse(event, as_json=as_json)
    contract = builtin().resolve(event.type, event.dataschema)
    if isinstance(contract, Refusal):
        _refuse(contract, as_json=as_json)
    checked = contract.check(event.data, event.subject)
    if not isinstance(checked, Checked):
        _refuse(contract.invalid(checked), as_json=as_json)
    data = strict_json.parse(checked.canonical)
    assert isinstance(data, dict), "a contract takes only objects"
    return contract, data


def _values(said: Iterable[str], *, as_json: bool) -> dict[str, str]:
    values = {name: value for name, _, value in (one.partition("=") for one in said)}
    if odd := unfit(values):
        names, known = ", ".join(odd), ", ".join(CONTEXT.members)
        stop(
            Text(f"随附信息不对：{names}。", f"These values of the context do not fit: {names}."),
            Text(
                f"写作 名称=值，可用：{known}；时间写 RFC 3339。", f"Write name=value with {known}; time as RFC 3339."
            ),
            as_json=as_json,
            code=FAULTY,
        )
    return values


def _losses(losses: Iterable[Loss]) -> list[dict[str, object]]:
    return [{"path": loss.path, "zh": loss.text.zh, "en": loss.text.en} for loss in losses]


def _tell_losses(losses: Iterable[Loss]) -> None:
    for loss in losses:
        typer.echo(f"丢失 lost  {loss.path}: {loss.text.zh} {loss.text.en}", err=True)


def _refuse(refusal: Refusal, *, as_json: bool) -> NoReturn:
    if as_json:
        tell_json(problem(refusal, None))
    else:
        typer.echo(f"{refusal.code} {refusal.detail.zh} {refusal.detail.en}", err=True)
        for violation in refusal.violations:
            typer.echo(f"  {violation.path}: {violation.expected.zh}；{violation.remedy.zh}", err=True)
            typer.echo(f"    {violation.expected.en}; {violation.remedy.en}", err=True)
    raise typer.Exit(1)


_UNTESTED = Text("没有用例文件。", "There is no file of cases.")
