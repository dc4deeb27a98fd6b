# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about keeping things, and what is wrong with it."""

from pathlib import Path

import pytest

from contracts.located import Fault
from hub.config.load import Loaded, load_deployment
from hub.keeping import Keeping

_PLAIN = """\
systems: {portal: {}}
destinations: {portal: {system: portal, connector: mailbox}}
routes: routes.yaml
secrets: {s3-access: "file:key", s3-secret: "file:key"}
"""
_S3 = "endpoint: http://127.0.0.1:9000, bucket: govhub, access_key: s3-access, secret_key: s3-secret"


def loaded(folder: Path, sections: str) -> Loaded | tuple[Fault, ...]:
    (folder / "key").write_text("made-up")
    (folder / "routes.yaml").write_text("version: 1\nroutes: [{name: all, when: {}, to: [portal]}]\n")
    (folder / "govhub.yaml").write_text(_PLAIN + sections)
    return load_deployment(folder / "govhub.yaml")


@pytest.mark.parametrize(
    "sections",
    [
        "",
        "materials: {folder: shared, unnamed_days: 7}\n",
        f"materials: {{s3: {{{_S3}}}}}\n",
        f"materials: {{s3: {{{_S3}, prefix: ''}}}}\nretention: {{}}\n",
        "retention: {online_months: 24, duplicates_days: 31, archive_years: 30}\n",
    ],
)
def test_what_may_be_written(tmp_path: Path, sections: str) -> None:
    deployment = loaded(tmp_path, sections)
    assert isinstance(deployment, Loaded), deployment
    assert Keeping.of(deployment.deployment.materials, deployment.deployment.retention).unnamed.days in {7, 30}


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        (f"materials: {{folder: x, s3: {{{_S3}}}}}\n", "materials"),
        (f"materials: {{s3: {{{_S3.replace('s3-access', 'nothing')}}}}}\n", "materials.s3.access_key"),
        (f"materials: {{s3: {{{_S3.replace('http://', 'ftp://')}}}}}\n", "materials.s3.endpoint"),
        (f"materials: {{s3: {{{_S3}, prefix: ../x}}}}\n", "materials.s3.prefix"),
        ("retention: {duplicates_days: 30}\n", "retention.duplicates_days"),
        ("retention: {online_months: 1, duplicates_days: 45}\n", "retention"),
        ("retention: {online_months: 0}\n", "retention.online_months"),
    ],
)
def test_what_may_not_be_is_told_with_its_place(tmp_path: Path, sections: str, path: str) -> None:
    faults = loaded(tmp_path, sections)
    assert isinstance(faults, tuple)
    assert [fault.path for fault in faults] == [path]
    assert all(fault.problem.zh and fault.remedy.zh and fault.at.line > 4 for fault in faults)
