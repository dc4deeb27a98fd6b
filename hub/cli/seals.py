# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub seals``: whether the electronic seals of a file hold, by anchors that the verifier brings. No network, no hub."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from certs.seals.check import Check, Examined, Impression, Verdict
from certs.seals.verify import MAX_BYTES, verify
from certs.x509.anchors import Brought, Trust, brought
from contracts.text import Text
from hub.cli.telling import AsJson, stop, tell_json
from hub.ports.clock import SystemClock

app = typer.Typer(help="电子印章：核验签章文件。 Electronic seals: verify a sealed file.", no_args_is_help=True)

ENDINGS = {Verdict.HELD: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 2}
NOT_RUN = 3
_MOST_FILES = 1000
_MOST_BYTES = 64 * 2**20
_WORDS = {
    Verdict.HELD: Text("有效", "holds"),
    Verdict.FAILED: Text("无效", "does not hold"),
    Verdict.UNKNOWN: Text("无法确定", "cannot be told"),
}


@app.callback()
def seals() -> None:
    """A group, also while it has one command."""


@app.command("verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="签章文件：OFD、PDF、印章或签章数据。 The sealed file.")],
    anchors: Annotated[
        list[Path], typer.Option(help="信任锚：PEM 或 DER 证书文件，或其目录；可重复。 Anchors: files or folders.")
    ],
    others: Annotated[
        list[Path] | None, typer.Option(help="中间证书，用于补全证书链。 Intermediate certificates, to fill gaps with.")
    ] = None,
    revocation: Annotated[list[Path] | None, typer.Option(help="CRL 或 OCSP 应答文件。 CRLs and OCSP answers.")] = None,
    document: Annotated[
        Path | None, typer.Option(help="单独的签章数据所签的原文。 What a bare signature is about.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="以此时刻为“现在”（RFC 3339）。 Take this moment for now.", metavar="TIME")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核验一份签章文件；退出码：0 有效，1 无效，2 无法确定，3 未能核验。

    Verify a sealed file. Exit code: 0 it holds, 1 it does not, 2 it cannot be told, 3 nothing was verified.
    """
    trust = _trust(anchors, others or [], revocation or [], as_json=as_json)
    data = _read(file, MAX_BYTES, as_json=as_json)
    about = None if document is None else _read(document, MAX_BYTES, as_json=as_json)
    examined = verify(data, trust, _moment(at, as_json=as_json), about)
    if as_json:
        tell_json(_as_dict(examined))
    else:
        _tell(examined)
    raise typer.Exit(ENDINGS[examined.verdict])


def _trust(anchors: list[Path], others: list[Path], revocation: list[Path], *, as_json: bool) -> Trust:
    found, filling, told = (_brought(paths, as_json=as_json) for paths in (anchors, others, revocation))
    if not found.certificates:
        stop(
            Text("信任锚中没有任何证书。", "There is no certificate among the anchors."),
            Text(
                "请用 --anchors 给出 CA 证书（PEM 或 DER）。",
                "Name the authorities' certificates (PEM or DER) by --anchors.",
            ),
            as_json=as_json,
            code=NOT_RUN,
        )
    every = (*found.revocation, *filling.revocation, *told.revocation)
    return Trust(found.certificates, (*filling.certificates, *told.certificates), every)


def _brought(paths: Sequence[Path], *, as_json: bool) -> Brought:
    """Everything in these files and folders. A file that holds nothing of the kind ends the command."""
    files = [one for path in paths for one in (sorted(path.iterdir()) if path.is_dir() else [path])]
    contents = {str(one): _read(one, _MOST_BYTES, as_json=as_json) for one in files[:_MOST_FILES] if not one.is_dir()}
    found = brought(contents)
    if found.unread:
        stop(
            Text(
                f"{found.unread[0]} 不是证书、CRL 或 OCSP 应答。",
                f"{found.unread[0]} is no certificate, CRL or OCSP answer.",
            ),
            Text("请换用 PEM 或 DER 文件。", "Name files in PEM or DER."),
            as_json=as_json,
            code=NOT_RUN,
        )
    return found


def _read(path: Path, most: int, *, as_json: bool) -> bytes:
    reason = Text("文件太大", "is too large")
    content = None
    try:
        content = path.read_bytes() if path.stat().st_size <= most else None
    except OSError as error:
        reason = Text("无法读取", f"cannot be read: {type(error).__name__}")
    if content is None:
        stop(
            Text(f"{path} {reason.zh}。", f"{path} {reason.en}."),
            Text("请检查路径、权限与大小。", "Check the path, its permissions and its size."),
            as_json=as_json,
            code=NOT_RUN,
        )
    return content


def _moment(written: str | None, *, as_json: bool) -> datetime:
    if written is None:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        stop(
            Text("--at 不是带时区的时刻。", "--at is no moment with an offset."),
            Text("例如 2026-03-11T14:20:00+08:00。", "For example 2026-03-11T14:20:00+08:00."),
            as_json=as_json,
            code=NOT_RUN,
        )
    return moment


def _as_dict(examined: Examined) -> dict[str, object]:
    return {
        "verdict": examined.verdict,
        "kind": examined.kind,
        "checks": [_check(one) for one in examined.checks],
        "impressions": [_impression(one) for one in examined.impressions],
    }


def _impression(one: Impression) -> dict[str, object]:
    return {
        "verdict": one.verdict,
        "place": one.place,
        "facts": asdict(one.facts),
        "checks": [_check(check) for check in one.checks],
    }


def _check(one: Check) -> dict[str, object]:
    told: dict[str, object] = {"aspect": one.aspect, "verdict": one.verdict, "place": one.place}
    if one.meaning is not None:
        told |= {"code": one.code, "says": one.meaning.says._asdict(), "remedy": one.meaning.remedy._asdict()}
    return told


def _tell(examined: Examined) -> None:
    typer.echo(f"{examined.kind}  {_WORDS[examined.verdict]}")
    for one in examined.impressions:
        facts = one.facts
        about = (one.place, facts.structure, facts.seal_id, facts.seal_name, facts.certificate_serial)
        moment = "" if facts.sealed_at is None else facts.sealed_at.isoformat()
        typer.echo("  ".join(filter(None, (*about, moment, str(_WORDS[one.verdict])))))
    for fault in examined.faults:
        assert fault.meaning is not None, "what did not hold has a code"
        typer.echo(f"  {fault.code}  {fault.place}\n    {fault.meaning.says}\n    {fault.meaning.remedy}")
