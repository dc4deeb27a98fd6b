# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub certs``: a development authority in a folder of its own, and a look at every certificate and key of a deployment."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from certs.authority import Use
from certs.authority_folder import Authority, Issued, opened
from certs.suites.choosing import Unfit
from contracts.text import Text
from hub.cli.telling import AsJson, stop, tell_json
from hub.ports.clock import SystemClock

app = typer.Typer(
    help="证书：开发用 CA，与部署中证书的检查。 Certificates: an authority for development, and a look at a deployment's.",
    no_args_is_help=True,
)

DEFAULT_FOLDER = Path("~/.govhub/ca")
Folder = Annotated[
    Path, typer.Option("--ca", help="CA 的目录，在代码仓库之外。 The authority's folder, outside of any repository.")
]
SuiteName = Annotated[str, typer.Option("--suite", help="intl-1 或 gm-1。 intl-1 or gm-1.")]
_DAYS = 365.0
_NO_AUTHORITY = Text("此目录没有 CA。", "There is no authority in this folder.")
_ISSUE_FIRST = Text("请先用 govhub certs issue 签发。", "Issue something first: govhub certs issue.")
_NOTHING = Text("没有这样的证书。", "There is no such certificate.")
_LOOK = Text("请用 govhub certs list 查看。", "Look with govhub certs list.")


@app.command()
def issue(
    name: Annotated[str, typer.Argument(help="系统编号，成为证书的 CN。 The system's id, which becomes the CN.")],
    use: Annotated[Use, typer.Option(help="用途。 What it is for.")] = Use.CLIENT,
    suite: SuiteName = "intl-1",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="有效天数。 How many days it lasts.")] = _DAYS,
    organisation: Annotated[str, typer.Option("--org", help="单位。 The organisation.")] = "",
    host: Annotated[list[str] | None, typer.Option(help="服务器的域名或地址。 A server's name or address.")] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """签发一张证书及新私钥；目录中没有 CA 时先建立。 Issue a certificate with a new key; the authority is made if need be."""
    if suite not in {"intl-1", "gm-1"}:
        stop(
            Text(f"没有这个套件：{suite}。", f"There is no suite '{suite}'."),
            Text("可用 intl-1、gm-1。", "Use intl-1 or gm-1."),
            as_json=as_json,
        )
    if use is Use.CA or not _plain(name):
        stop(
            Text(
                "名称只用字母、数字与连字符，用途不能是 ca。",
                "Use letters, digits and hyphens, and a use other than ca.",
            ),
            Text("例如 govhub certs issue portal --use client。", "As in govhub certs issue portal --use client."),
            as_json=as_json,
        )
    with _authority(folder, suite, make=True, as_json=as_json) as authority:
        _tell_issued(
            authority,
            authority.issue(name, use, days=days, organisation=organisation, hosts=tuple(host or ())),
            as_json,
        )


@app.command()
def renew(
    name: Annotated[
        str | None, typer.Argument(help="名称；省略只更新吊销列表。 A name; without, the revocation list alone.")
    ] = None,
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="有效天数。 How many days it lasts.")] = _DAYS,
    crl_days: Annotated[
        float, typer.Option(min=0.01, max=3650, help="吊销列表的有效天数。 How long the list lasts.")
    ] = 30.0,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """换发：同名新证书与新私钥，旧的继续有效到期；并更新吊销列表。 A new certificate and key; the old one stays good."""
    with _authority(folder, "", make=False, as_json=as_json) as authority:
        authority.list_revoked(days=crl_days)
        if name is None:
            _say(as_json, {"crl": str(authority.folder / "crl.pem")}, f"{authority.folder / 'crl.pem'}")
            return
        known = [one for one in authority.issued() if one.name == name and one.revoked_at is None]
        if not known:
            stop(_NOTHING, _LOOK, as_json=as_json)
        last = known[-1]
        made = authority.issue(name, Use(last.use), days=days, organisation=last.organisation, hosts=last.hosts)
        _tell_issued(authority, made, as_json)


@app.command()
def revoke(
    which: Annotated[
        str, typer.Argument(help="序列号（可只写开头）或名称。 A serial number, or its beginning, or a name.")
    ],
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """吊销，并写出新的吊销列表。 Revoke, and write the new revocation list."""
    with _authority(folder, "", make=False, as_json=as_json) as authority:
        meant = {
            one.serial
            for one in authority.issued()
            if one.revoked_at is None
            and (one.name == which or (len(which) >= 6 and one.serial.startswith(which.lower())))
        }
        if not meant:
            stop(_NOTHING, _LOOK, as_json=as_json)
        done = authority.revoke(meant)
        crl = str(authority.folder / "crl.pem")
        lines = [f"已吊销 revoked: {one.name} {one.serial}" for one in done]
        _say(as_json, {"revoked": [asdict(one) for one in done], "crl": crl}, "\n".join([*lines, crl]))


@app.command("list")
def list_(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """列出签发过的证书。 Everything that was issued."""
    with _authority(folder, "", make=False, as_json=as_json) as authority:
        found = authority.issued()
        lines = [
            f"{one.name:20} {one.use:8} {one.serial}  {one.not_after:%Y-%m-%d}"
            + (f"  已吊销 revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "")
            for one in found
        ]
        _say(as_json, {"issued": [asdict(one) for one in found]}, "\n".join(lines))


@contextmanager
def _authority(folder: Path, suite: str, *, make: bool, as_json: bool) -> Iterator[Authority]:
    with opened(folder.expanduser(), suite, SystemClock().now, secrets.token_bytes, make=make) as found:
        if found is None:
            stop(_NO_AUTHORITY, _ISSUE_FIRST, as_json=as_json)
        if isinstance(found, Unfit):
            stop(found.reason, found.remedy, as_json=as_json)
        yield found


def _tell_issued(authority: Authority, one: Issued, as_json: bool) -> None:  # noqa: FBT001  # because it is the option's value
    certificate, key = authority.folder / one.certificate, authority.folder / one.key
    told = {**asdict(one), "certificate": str(certificate), "key": str(key), "ca": str(authority.folder / "ca.pem")}
    _say(
        as_json,
        told,
        f"证书 certificate: {certificate}\n私钥 key: {key}\nCA: {authority.folder / 'ca.pem'}\n"
        f"序列号 serial: {one.serial}\n到期 until: {one.not_after:%Y-%m-%d %H:%M %Z}",
    )


def _say(as_json: bool, document: dict[str, object], text: str) -> None:  # noqa: FBT001  # because it is the option's value
    if as_json:
        tell_json(document)
    elif text:
        typer.echo(text)


def _plain(name: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and len(name) <= 63
