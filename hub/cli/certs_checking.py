# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub certs check``: what a certificate is, and everything of a deployment that runs out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from certs.suites.choosing import suite_of
from certs.x509.anchors import brought
from contracts.refusal import Refusal
from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.identities import identities_of
from hub.config.load import Loaded, load_deployment
from hub.identities.clients import fingerprint_of, subject_of
from hub.identities.expiring import Expiring
from hub.identities.trusting import Trusting, Use
from hub.ports.clock import SystemClock

_DEPLOYMENT = Path("govhub.yaml")
SOON = 3
"""Exit code where something runs out within the days asked for, or has."""


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="证书文件；省略则检查部署。 Certificates; without, a deployment.")
    ] = None,
    anchor: Annotated[list[Path] | None, typer.Option(help="信任的 CA 证书。 Trusted CAs.")] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="吊销列表。 Revocation lists.")] = None,
    days: Annotated[int, typer.Option(min=0, help="几天内到期即报。 Tell of what runs out within so many days.")] = 30,
    config: Config = _DEPLOYMENT,
    as_json: AsJson = False,
) -> None:
    """查看证书的指纹、主题、套件与到期；或检查部署里的全部证书与密钥。 Fingerprint, subject, suite and end of certificates,
    or all certificates and keys of a deployment. Exit code 3: something runs out soon, or is not trusted.
    """
    if files:
        _files(files, anchor or [], crl or [], days, as_json=as_json)
    else:
        _deployment(config, days, as_json=as_json)


def _files(files: Sequence[Path], anchors: Sequence[Path], crls: Sequence[Path], days: int, *, as_json: bool) -> None:
    clock = SystemClock()
    trusting = Trusting(clock)
    trusting.believe(brought(_contents(anchors, as_json=as_json)).certificates, ())
    trusting.learn(brought(_contents(crls, as_json=as_json)).revocation)
    told, bad = [], False
    for file, content in _contents(files, as_json=as_json).items():
        found = brought({file: content})
        if not found.certificates:
            stop(
                Text(f"{file} 里没有可读的证书。", f"{file} holds no certificate that can be read."),
                Text("请给出 PEM 或 DER 格式的 X.509 证书。", "Give an X.509 certificate, in PEM or DER."),
                as_json=as_json,
            )
        one = found.certificates[0]
        suite, left = suite_of(one), (one.not_after - clock.now()).days
        judged = trusting.judge(one.der, Use.SIGNATURE) if anchors else None
        verdict = "" if judged is None else judged.code if isinstance(judged, Refusal) else "trusted"
        bad = bad or left < days or isinstance(judged, Refusal)
        told.append(
            {
                "file": file,
                "fingerprint": fingerprint_of(one.der),
                "subject": subject_of(one.der),
                "serial": one.serial,
                "suite": None if suite is None else suite.name,
                "not_before": one.not_before,
                "not_after": one.not_after,
                "days": left,
                "verdict": verdict or None,
            }
        )
    if as_json:
        tell_json({"certificates": told})
    else:
        for entry in told:
            typer.echo("\n".join(f"{name:12} {value}" for name, value in entry.items() if value is not None) + "\n")
    if bad:
        raise typer.Exit(SOON)


def _deployment(config: Path, days: int, *, as_json: bool) -> None:
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    clock = SystemClock()
    identities = identities_of(loaded, clock)
    known = list(identities.expiry.known)
    if (tls := loaded.deployment.tls) is not None:
        own = brought({"tls": loaded.path(tls.certificate).read_bytes()}).certificates
        known += [Expiring("hub", "tls", one.serial, one.not_after) for one in own[:1]]
    rows = [
        {
            "holder": one.holder,
            "kind": one.kind,
            "mark": one.mark,
            "until": one.until,
            "days": one.left(clock.now()).days,
        }
        for one in sorted(known, key=lambda one: one.until)
    ]
    if as_json:
        tell_json({"identities": rows})
    else:
        for row in rows:
            typer.echo(
                f"{row['holder']:20} {row['kind']:13} {row['mark']:34} {row['until']:%Y-%m-%d}  {row['days']} 天 days"
            )
    if any(one.left(clock.now()).days < days for one in known):
        raise typer.Exit(SOON)


def _contents(files: Sequence[Path], *, as_json: bool) -> dict[str, bytes]:
    contents = {}
    for file in files:
        try:
            contents[str(file)] = file.read_bytes()
        except OSError as error:
            stop(
                Text(f"{file} 不可读：{error.strerror}。", f"{file} cannot be read: {error.strerror}."),
                Text("请核对路径与权限。", "Check path and permissions."),
                as_json=as_json,
            )
    return contents
