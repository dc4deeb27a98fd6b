# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub province load`` and ``catch-up``: cases of before to a province, by a lane apart from live traffic. 初始装载与补报"""

import asyncio
import codecs
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from contracts.dialects.mapped import MapDialect
from contracts.dialects.rows import MEDIA_TYPE
from contracts.text import Text
from hub.app import consulting
from hub.cli.consulting import away, request_taken
from hub.cli.dead_acting import Actor, Reason, Request, acting, order_of
from hub.cli.period import period_of
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded as Deployed
from hub.config.load import load_deployment
from hub.loading.checking import Checker, Unfit
from hub.loading.export import Table, Unread, Written, csv_rows, json_lines
from hub.loading.load import Loaded, load
from hub.loading.recorded import Counted, Recording
from hub.loading.sending import Away, Denied, Sender
from hub.logging import configure
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import JournalDown, RequestTaken
from hub.rules import rules_of
from hub.start_failures import Failure
from hub.table_choice import in_force
from routing.index import CompiledTable

KEY = "GOVHUB_KEY"
_SHOWN = 50
_REFUSED = 1
_CUT = 3

Files = Annotated[
    list[Path],
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="导出文件，按办件次序：先受理，后环节、办结。.csv 为一张表的各行，.jsonl 为每行一个 CloudEvent。 "
        "The export, in the order of a case: acceptances first. A .csv holds rows of a table, a .jsonl one CloudEvent a line.",
    ),
]
To = Annotated[str, typer.Option(help="装载走的目的地，如 province-load。 The destination that the load goes to.")]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the command line asked for."""

    files: list[Path]
    table: str
    contract: str
    subject: str
    encoding: str
    url: str
    rate: float
    dry_run: bool
    refusals: Path | None
    as_json: bool


def load_export(
    files: Files,
    to: To,
    speaker: Annotated[str, typer.Option("--as", help="以哪个系统的名义。 The system that speaks.")],
    table: Annotated[str, typer.Option(help="CSV：方言中的表名；默认为文件名。 The table, in the dialect.")] = "",
    contract: Annotated[
        str,
        typer.Option(
            "--type", help="CSV：契约类型；默认依该表在方言中的映射。 The contract, if the dialect does not say."
        ),
    ] = "",
    subject: Annotated[str, typer.Option(help="CSV：办件编号所在的列。 The column of the case.")] = "project_no",
    encoding: Annotated[str, typer.Option(help="CSV 的编码，如 gb18030。 Its encoding.")] = "utf-8-sig",
    url: Annotated[str, typer.Option("--hub", help="中枢地址；默认依部署文件。 The hub's address.")] = "",
    rate: Annotated[float, typer.Option(min=1, max=10_000, help="每秒最多几行。 The most rows in a second.")] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不发送。 Check only.")] = False,
    refusals: Annotated[
        Path | None, typer.Option(dir_okay=False, help="把拒收的各行写入此文件。 A file for every row refused.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """把旧系统的导出装载到一个目的地；中断后原样再运行一次即可。 Load an export; when it was cut, run it again.

    密钥取自环境变量 GOVHUB_KEY。 The key is read from GOVHUB_KEY.
    """
    deployed = load_deployment(config)
    if not isinstance(deployed, Deployed):
        tell_faults(deployed, as_json=as_json)
        raise typer.Exit(FAULTY)
    _known(deployed.endpoints, to, as_json=as_json)
    _known(deployed.deployment.systems, speaker, as_json=as_json)
    wish = _Wish(files, table, contract, subject, encoding, url, rate, dry_run, refusals, as_json)
    _sound(wish)
    types = _types(wish, deployed, speaker)
    clock = SystemClock()
    running = asyncio.run(_running(deployed))
    typer.echo(f"依路由表 by the routes {running.table.version_id}", err=True)
    checker = Checker(
        rules=rules_of(deployed, deployed.item_forms()),
        table=running,
        places=deployed.places(),
        partitions=deployed.deployment.partitions,
        ids=TimeOrderedIds(clock),
        clock=clock,
        system=speaker,
        destination=to,
    )
    shown: list[Unfit] = []
    done = asyncio.run(_loaded(wish, deployed, checker, types, shown))
    _tell(wish, done, shown)
    if done.ended is not None:
        raise typer.Exit(_CUT)
    if done.refused:
        raise typer.Exit(_REFUSED)


def catch_up(
    to: To,
    since: Annotated[str, typer.Option(help="多久以来受理的，如 30d。 Accepted within this period.")],
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只数，不补。 Count only.")] = False,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """把登记库中依现行路由应报而对方从未得到的补报给一个目的地。 Send what the present routes would send and never went there.

    中断后再运行一次即可：已补的不再补。 When it was cut, run it again: what was added is not added twice.
    """

    async def work() -> None:
        period = period_of(since, as_json=as_json)
        async with acting(config, as_json=as_json) as on:
            _known(on.places, to, as_json=as_json)
            recording = Recording(
                hub=on.hub, clock=on.clock, ids=on.ids, journal=on.journal, registry=on.registry, table=on.routes.active,
                places=on.places, partitions=on.partitions, destination=to,
            )  # fmt: skip
            order = order_of(on, actor, request, reason, "load")
            counted = Counted()
            with Progress(console=Console(stderr=True), disable=as_json) as bar:
                task = bar.add_task("补报 catching up", total=None)
                async for one in recording.load(order, on.clock.now() - period, dry_run=dry_run):
                    match one:
                        case JournalDown():
                            away(one, as_json=as_json)
                        case RequestTaken():
                            request_taken(as_json=as_json)
                        case Counted():
                            counted = one
                            bar.update(task, completed=one.seen, description=f"补报 added {one.added}")
        if as_json:
            tell_json({**asdict(counted), "dry_run": dry_run, "destination": to})
        else:
            typer.echo(
                f"看过 {counted.seen} 条，应补 {counted.missing} 条，加入 {counted.added} 条，"
                f"无法规划 {counted.unplanned} 条，已失效 {counted.expired} 条。\n"
                f"{counted.seen} looked at, {counted.missing} missing there, {counted.added} added, "
                f"{counted.unplanned} that no route can plan, {counted.expired} past the end that their route gives them."
            )

    asyncio.run(work())


async def _running(deployed: Deployed) -> CompiledTable:
    """The table that the hub goes by. Where its journal cannot be had from here, that of the file: the hub has the last word."""
    log = configure("error")
    async with consulting(deployed, log) as journal:
        if isinstance(journal, Failure):
            return deployed.table
        book = await in_force(deployed.table, deployed.tables, journal.route_tables, log)
        return deployed.table if isinstance(book, JournalDown) else book.active


async def _loaded(
    wish: _Wish, deployed: Deployed, checker: Checker, types: Mapping[Path, str], shown: list[Unfit]
) -> Loaded:
    with ExitStack() as stack:
        into = stack.enter_context(wish.refusals.open("wb")) if wish.refusals is not None else None
        bar = stack.enter_context(Progress(console=Console(stderr=True), disable=wish.as_json))
        task = bar.add_task("装载 loading", total=None)

        def refused(unfit: Unfit) -> None:
            if len(shown) < _SHOWN:
                shown.append(unfit)
            if into is not None:
                into.write(orjson.dumps(_as_dict(unfit)) + b"\n")

        def progress(done: Loaded) -> None:
            told = f"装载 loading: {done.read} 行 rows, {done.taken} 已收 taken, {done.refused} 拒收 refused"
            bar.update(task, completed=done.read, description=told)

        async with aiohttp.ClientSession() as session:
            sender = None
            if not wish.dry_run:
                sender = Sender(
                    session=session,
                    url=(wish.url or f"http://{deployed.deployment.hub.listen}").rstrip("/"),
                    key=os.environ[KEY],
                    clock=checker.clock,
                    rate=wish.rate,
                    most=deployed.deployment.limits.batch,
                    most_bytes=deployed.deployment.limits.body_bytes * 9 // 10,
                )
            return await load(_rows(wish, checker.system, types), checker, sender, refused, progress)


def _rows(wish: _Wish, speaker: str, types: Mapping[Path, str]) -> Iterator[Written | Unread]:
    for path in wish.files:
        if path.suffix.lower() == ".jsonl":
            yield from json_lines(path)
        else:
            of = Table(
                source=speaker,
                table=wish.table or path.stem,
                type=types[path],
                subject=wish.subject,
                encoding=wish.encoding,
            )
            yield from csv_rows(path, of)


def _types(wish: _Wish, deployed: Deployed, speaker: str) -> Mapping[Path, str]:
    """The contract of the rows of each CSV: what is said, or what the speaker's dialects of rows read this table as."""
    read: dict[str, set[str]] = {}
    for dialect in deployed.agreed.spoken[speaker].dialects:
        if isinstance(dialect, MapDialect) and dialect.content_type == MEDIA_TYPE:
            for message in dialect.site_map.messages:
                if message.reads:
                    read.setdefault(message.name, set()).add(message.contract.type)
    found: dict[Path, str] = {}
    for path in wish.files:
        types = {wish.contract} if wish.contract else read.get(wish.table or path.stem, set())
        if path.suffix.lower() == ".csv" and len(types) != 1:
            stop(
                Text(
                    f"{path}:1: 不知道这张表的各行属于哪个契约。",
                    f"{path}:1: It is not known of which contract its rows are.",
                ),
                Text(
                    f"请写 --type 或 --table；{speaker} 的方言认识：{', '.join(sorted(read)) or '无'}。",
                    f"Give --type or --table; the dialects of {speaker} know {', '.join(sorted(read)) or 'none'}.",
                ),
                as_json=wish.as_json,
                code=FAULTY,
            )
        found[path] = next(iter(types), "")
    return found


def _known(names: Collection[str], name: str, *, as_json: bool) -> None:
    if name not in names:
        stop(
            Text(f"部署文件中没有 {name}。", f"The deployment has no {name}."),
            Text("请核对 --to 与 --as。", "See --to and --as."),
            as_json=as_json,
            code=FAULTY,
        )


def _sound(wish: _Wish) -> None:
    """End the command where the arguments do not fit each other."""
    kinds = {path.suffix.lower() for path in wish.files}
    if kinds - {".csv", ".jsonl"}:
        stop(
            Text("不认识这种文件。", "This kind of file is not known."),
            Text("请用 .csv 或 .jsonl。", "Use .csv or .jsonl."),
            as_json=wish.as_json,
            code=FAULTY,
        )
    try:
        codecs.lookup(wish.encoding)
    except LookupError:
        stop(
            Text("不认识这种编码。", "This encoding is not known."),
            Text("如 utf-8-sig、gb18030。", "Such as utf-8-sig or gb18030."),
            as_json=wish.as_json,
            code=FAULTY,
        )
    if not wish.dry_run and not os.environ.get(KEY):
        stop(
            Text(f"环境变量 {KEY} 中没有密钥。", f"There is no key in {KEY}."),
            Text("请设为 --as 所指系统的密钥。", "Set it to the key of the system named by --as."),
            as_json=wish.as_json,
            code=FAULTY,
        )


def _tell(wish: _Wish, done: Loaded, shown: list[Unfit]) -> None:
    ended = _words(done.ended)
    if wish.as_json:
        told = {name: value for name, value in asdict(done).items() if name != "ended"}
        tell_json(
            {
                **told,
                "dry_run": wish.dry_run,
                "refusals": [_as_dict(one) for one in shown],
                "ended": None if ended is None else ended._asdict(),
            }
        )
        return
    for one in shown:
        typer.echo(f"{one.file}:{one.line}: {one.code}: {one.text}", err=True)
        for violation in one.violations:
            typer.echo(f"    {violation.path}: {violation.expected}；{violation.remedy}", err=True)
    if done.refused > len(shown):
        typer.echo(f"… 另有 {done.refused - len(shown)} 行 more; --refusals", err=True)
    typer.echo(
        f"{done.read} 行：{done.fit} 行合格，{done.taken} 行已收，{done.refused} 行拒收。 "
        f"{done.read} rows: {done.fit} fit, {done.taken} taken, {done.refused} refused."
    )
    if ended is not None:
        typer.echo(str(ended), err=True)


def _words(ended: Away | Denied | None) -> Text | None:
    match ended:
        case None:
            return None
        case Away(reason):
            return Text(
                f"中枢没有应答（{reason}）。恢复后原样再运行一次。",
                f"The hub does not answer ({reason}). Run the same again when it does.",
            )
        case Denied(status):
            return Text(
                f"中枢不收（HTTP {status}）。请核对地址与 {KEY}。",
                f"The hub takes nothing (HTTP {status}). See the address and {KEY}.",
            )


def _as_dict(unfit: Unfit) -> dict[str, object]:
    return {
        "file": unfit.file,
        "line": unfit.line,
        "code": unfit.code,
        "text": unfit.text._asdict(),
        "violations": [
            {"code": one.code, "path": one.path, "expected": one.expected._asdict(), "remedy": one.remedy._asdict()}
            for one in unfit.violations
        ],
    }
