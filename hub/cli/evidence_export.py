# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub evidence export`` and ``verify``: one case as a container, and whether a container holds."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from certs.evidence.__main__ import as_dict, lines
from certs.evidence.findings import EXIT
from certs.evidence.script import shell_verifier
from certs.evidence.verify import verify
from certs.x509.anchors import brought
from contracts.text import Text
from hub.cli.keeping import away, kept
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.evidence.catching_up import catch_up
from hub.evidence.exporting import Exported, Exporter, NotCovered
from hub.evidence.keys import evidence_of
from hub.evidence.refused import refused
from hub.logging import configure
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown
from hub.ports.journal.sequencing import LogDamaged
from hub.ports.materials import StoreDown

MOST_MESSAGES = 10_000


def export(
    case: Annotated[str, typer.Argument(help="统一办件编号。 The case number.")],
    config: Config = DEFAULT_CONFIG,
    to: Annotated[Path | None, typer.Option(help="写到哪里；默认为 办件编号.asice。 Where to; <case>.asice.")] = None,
    contents: Annotated[
        bool,
        typer.Option(
            "--contents",
            help="随附发送方签名的消息（含个人信息）。 With the messages that senders signed: personal data.",
        ),
    ] = False,
    refusal: Annotated[
        bool, typer.Option("--refusal", help="编号是一次拒收的编号。 The number is that of a refusal, not of a case.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """导出一个办件的证据（ASiC-E）；同一办件每次导出逐字节相同。 Export the evidence of one case; twice the same bytes."""
    to = to or Path(f"{''.join(c if c.isalnum() else '-' for c in case)}.asice")
    asyncio.run(_export(config, case, to, contents=contents, refusal=refusal, as_json=as_json))


async def _export(config: Path, case: str, to: Path, *, contents: bool, refusal: bool, as_json: bool) -> None:
    clock = SystemClock()
    async with kept(config, as_json=as_json) as around:
        evidence = evidence_of(around.loaded, clock, configure("error"))
        if evidence.seals is None or evidence.notes is None:
            stop(
                Text("此部署没有存证密钥。", "This deployment has no keys of evidence."),
                Text(
                    "请写 evidence 一节，见 docs/evidence.zh-CN.md。",
                    "Write the evidence section; see docs/evidence.md.",
                ),
                as_json=as_json,
                code=FAULTY,
            )
        records = await (
            refused(around.journal.log, case) if refusal else around.case_files.records(case, MOST_MESSAGES)
        )
        if isinstance(records, JournalDown | StoreDown):
            away(records, as_json=as_json)
        if not records:
            stop(
                Text(f"没有拒收 {case}。", f"There is no refusal {case}.")
                if refusal
                else Text(f"没有办件 {case}。", f"There is no case {case}."),
                Text("请核对编号。", "Check the number."),
                as_json=as_json,
            )
        trouble = await catch_up(around.journal.log, evidence.notes, clock)
        section = around.loaded.deployment.evidence
        exporter = Exporter(
            hub=around.loaded.deployment.hub.name,
            log=around.journal.log,
            signer=evidence.seals,
            clock=clock,
            stamping=section is not None and bool(section.timestamps),
            contents=contents,
        )
        made = trouble or await exporter.export(case, records)
    match made:
        case JournalDown():
            away(made, as_json=as_json)
        case NotCovered(leaves):
            stop(
                Text(f"有 {leaves} 条存证尚未进入检查点。", f"{leaves} leaves are under no checkpoint yet."),
                Text("请在中枢运行时再试。", "Try again while a hub runs."),
                as_json=as_json,
            )
        case LogDamaged(reason):
            stop(
                Text(f"存证日志已损坏（{reason}）。", f"The evidence log is damaged ({reason})."),
                Text("请运行 govhub evidence check。", "Run govhub evidence check."),
                as_json=as_json,
            )
        case Exported():
            _write(to, made, as_json=as_json)


def _write(to: Path, made: Exported, *, as_json: bool) -> None:
    try:
        to.write_bytes(made.data)
    except OSError as error:
        stop(
            Text(f"写不了 {to}（{error.strerror}）。", f"{to} cannot be written ({error.strerror})."),
            Text("请换一个位置（--to）。", "Give another place (--to)."),
            as_json=as_json,
            code=FAULTY,
        )
    told = {
        "file": str(to),
        "bytes": len(made.data),
        "messages": made.messages,
        "statements": made.statements,
        "checkpoint": made.size,
        "stamped": made.stamped,
    }
    if as_json:
        tell_json(told)
    else:
        typer.echo(
            f"{to}  {made.messages} 条消息 messages  {made.statements} 条陈述 statements  {len(made.data)} bytes"
        )


def verify_file(
    file: Annotated[Path, typer.Argument(help="证据包。 The container.")],
    anchor: Annotated[
        list[Path] | None,
        typer.Option(help="你信任的证书（PEM），可多次。 Certificates that you trust; may be repeated."),
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="验证时刻，默认现在。 The moment to verify at; now.")] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="严格：时间与发送方也须由你的锚证明。 Let nothing pass that only the hub vouches for: time and senders too.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """离线验证证据包：PASSED 0，INDETERMINATE 2，FAILED 1。 Verify a container offline; the exit code tells the verdict."""
    try:
        data = file.read_bytes()
        found = brought({str(one): one.read_bytes() for one in anchor or ()})
    except OSError as error:
        stop(
            Text(
                f"读不到 {error.filename}（{error.strerror}）。", f"{error.filename} cannot be read ({error.strerror})."
            ),
            Text("请核对路径。", "Check the path."),
            as_json=as_json,
            code=64,
        )
    moment = SystemClock().now() if at is None else at.replace(tzinfo=at.tzinfo or UTC)
    result = verify(data, found.certificates, moment, strict=strict)
    if as_json:
        tell_json(as_dict(result))
    else:
        typer.echo(lines(result))
    raise typer.Exit(EXIT[result.verdict])


def verifier(
    to: Annotated[Path, typer.Option(help="写到哪个目录。 The folder to write to.")] = Path("verifier"),
    as_json: AsJson = False,
) -> None:
    """写出脚本验证器：只需 openssl 与 Python 标准库。 Write the shell verifier: it needs openssl and Python's library only."""
    written = []
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, content in shell_verifier().items():
            (to / name).write_bytes(content)
            written.append(str(to / name))
    except OSError as error:
        stop(
            Text(f"写不了 {to}（{error.strerror}）。", f"{to} cannot be written ({error.strerror})."),
            Text("请换一个位置（--to）。", "Give another place (--to)."),
            as_json=as_json,
            code=FAULTY,
        )
    if as_json:
        tell_json({"files": written})
    else:
        typer.echo("\n".join(written))
