# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub evidence``: check the log, hand out anchors, export a case, verify an export."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from certs.evidence.note import Note, key_id, read_note
from certs.evidence.roles import Anchors, Role
from certs.suites.choosing import suite_of
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from contracts.text import Text
from hub.cli import evidence_export
from hub.cli.keeping import away, kept
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded, load_deployment
from hub.evidence.archived import check_archived
from hub.evidence.checking import Fault, Finding, Report, Verified, check
from hub.evidence.kept import KeptCheckpoint
from hub.evidence.keys import certificates_of, evidence_folder
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown

app = typer.Typer(
    help="存证：核验日志、导出与验证证据。 Evidence: check the log, export and verify proof.", no_args_is_help=True
)

_WORDS = {
    Fault.MISSING: Text("缺少此条存证", "this leaf is missing"),
    Fault.CHANGED: Text("此条存证被改动", "this leaf was changed"),
    Fault.STATEMENT_CHANGED: Text("陈述与存证不符", "the statement is not that of the leaf"),
    Fault.STATEMENT_MISSING: Text("陈述不见了", "the statement is gone"),
    Fault.OUTSIDE: Text("日志之外另有存证", "there is evidence outside of the log"),
    Fault.TRUNCATED: Text("日志被截短", "the log was cut off"),
    Fault.HEAD: Text("日志末端被改动", "the head of the log was moved"),
    Fault.TILE: Text("树的节点被改动", "nodes of the tree were changed"),
    Fault.CHECKPOINT: Text("与已签名的检查点不符", "it is not what the checkpoint signed"),
    Fault.NOTE: Text("检查点无效", "the checkpoint is not valid"),
    Fault.FORKED: Text("与库外检查点分叉", "it is a fork of what the kept checkpoint says"),
    Fault.ARCHIVE_DAMAGED: Text("归档文件缺失或损坏", "a file of the archive is gone or damaged"),
    Fault.FOREIGN: Text("库外检查点属于另一日志", "the kept checkpoint is of another log"),
}


@app.command(name="check")
def check_log(
    config: Config = DEFAULT_CONFIG,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="另行保存的检查点文件，可多次。 Checkpoints that were kept elsewhere; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核验存证日志：全部重算，指出第一条不符者。 Compute the whole log again; name the first leaf that is not as it was."""
    asyncio.run(_check(config, against or [], as_json=as_json))


async def _check(config: Path, against: Sequence[Path], *, as_json: bool) -> None:
    async with kept(config, as_json=as_json) as around:
        loaded, journal = around.loaded, around.journal
        notes = [_note(file, as_json=as_json) for file in against]
        own = read_note(KeptCheckpoint(evidence_folder(loaded)).read() or b"")
        with Console(stderr=True).status("核验中… checking") as status:

            def told(done: int, of: int) -> None:
                status.update(f"核验中 checking  {done} / {of}")

            report = await check(journal.log, _verified(loaded), [*notes, *([own] if own else [])], told)
            if isinstance(report, JournalDown):
                away(report, as_json=as_json)
            if trouble := await check_archived(journal.log, journal.archives, around.archive, report):
                away(trouble, as_json=as_json)
    _tell(report, as_json=as_json)


def _note(file: Path, *, as_json: bool) -> Note:
    try:
        note = read_note(file.read_bytes())
    except OSError as error:
        stop(
            Text(f"读不到 {file}（{error.strerror}）。", f"{file} cannot be read ({error.strerror})."),
            Text("请核对路径。", "Check the path."),
            as_json=as_json,
            code=FAULTY,
        )
    if note is None:
        stop(
            Text(f"{file} 不是检查点。", f"{file} is no checkpoint."),
            Text("请给出 .note 文件。", "Give a .note file."),
            as_json=as_json,
            code=FAULTY,
        )
    return note


def _verified(loaded: Loaded) -> Verified | None:
    """Whether this deployment's log key signed a note."""
    found = brought({role.name: pem for role, pem in certificates_of(loaded).items()}).certificates
    if not found:
        return None
    anchors, now = Anchors(found), SystemClock().now()
    logs = [one for one in found if anchors.trusts(one, Role.LOG, now) is None]

    def verified(note: Note) -> bool:
        return any(_signed(note, one) for one in logs)

    return verified


def _signed(note: Note, certificate: Certificate) -> bool:
    suite = suite_of(certificate)
    if suite is None:
        return False
    key = key_id(note.origin, certificate.spki, suite.name)
    return any(
        name == note.origin and id_ == key and suite.verify(note.text, signature, certificate)
        for name, id_, signature in note.signatures
    )


def _tell(report: Report, *, as_json: bool) -> None:
    first = report.first
    if as_json:
        tell_json(
            {
                "ok": first is None,
                "size": report.size,
                "queued": report.queued,
                "statements": report.statements,
                "archived": report.archived,
                "compared": report.compared,
                "expired": report.expired,
                "checkpoints": report.checkpoints,
                "against": report.against,
                "first": None if first is None else _as_dict(first),
                "findings": [_as_dict(one) for one in report.findings],
            }
        )
    else:
        typer.echo(
            f"日志 {report.size} 条，待编号 {report.queued} 条；陈述在库 {report.statements}，"
            f"已归档 {report.archived}（复核 {report.compared}，到期清除 {report.expired}）；"
            f"检查点 {report.checkpoints}，库外检查点 {report.against}。\n"
            f"{report.size} leaves, {report.queued} queued; {report.statements} statements online, {report.archived} archived "
            f"({report.compared} compared, {report.expired} expired); "
            f"{report.checkpoints} checkpoints, {report.against} from outside."
        )
        for finding in report.findings:
            typer.echo(_line(finding), err=True)
        typer.echo("完好 intact" if first is None else "不符 NOT as it was")
    if first is not None:
        raise typer.Exit(1)


def _as_dict(finding: Finding) -> dict[str, object]:
    words = _WORDS[finding.fault]
    return {
        "code": finding.fault.value,
        "leaf": finding.index,
        "until": finding.until,
        "detail": finding.detail,
        "text": {"zh": words.zh, "en": words.en},
    }


def _line(finding: Finding) -> str:
    words = _WORDS[finding.fault]
    place = "" if finding.index is None else f"#{finding.index}"
    place += "" if finding.until is None else f"…#{finding.until - 1}"
    return "  ".join(filter(None, (finding.fault.value, place, f"{words.zh} {words.en}", finding.detail)))


@app.command()
def anchors(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """输出验证所需的证书（锚），另经可信途径交付。 Print the certificates that a verifier pins; hand them over apart."""
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    found = certificates_of(loaded)
    if not found:
        stop(
            Text("此部署没有存证密钥。", "This deployment has no keys of evidence."),
            Text(
                "请写 evidence 一节，见 docs/evidence.zh-CN.md。", "Write the evidence section; see docs/evidence.md."
            ),
            as_json=as_json,
            code=FAULTY,
        )
    if as_json:
        tell_json({"anchors": {role.name.lower(): pem.decode() for role, pem in found.items()}})
        return
    for role, pem in found.items():
        for one in brought({role.name: pem}).certificates:
            typer.echo(f"{role.name.lower():8}  sha256:{one.digest('sha256').hex()}", err=True)
        typer.echo(pem.decode().strip())


app.command(name="export")(evidence_export.export)
app.command(name="verify")(evidence_export.verify_file)
app.command(name="verifier")(evidence_export.verifier)
