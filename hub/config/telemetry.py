# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the deployment says of traces, held against what is there: the secrets it names and the extra it needs."""

from importlib.util import find_spec

from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.unknown import unknown

_PACKAGE = "opentelemetry.exporter.otlp.proto.http"


def telemetry_faults(deployment: Deployment, source: Located) -> list[Fault]:
    """Everything that keeps the spans from being sent as configured."""
    traces = deployment.telemetry.traces
    if traces is None:
        return []
    at = ("telemetry", "traces")
    faults = [
        unknown(source, (*at, "secret_headers", header), Text("密钥", "secret"), name, deployment.secrets)
        for header, name in traces.secret_headers.items()
        if name not in deployment.secrets
    ]
    if not _installed():
        faults.append(
            Fault(
                "EXTRA_MISSING",
                ".".join(at),
                source.at(at),
                Text("输出跟踪所需的组件没有安装。", "What sends traces is not installed."),
                Text(
                    "请安装 govhub[otel]（pip install 'govhub[otel]'），或删除 telemetry.traces。",
                    "Install govhub[otel] (pip install 'govhub[otel]'), or remove telemetry.traces.",
                ),
            )
        )
    return faults


def _installed() -> bool:
    try:
        return find_spec(_PACKAGE) is not None
    except ModuleNotFoundError:
        return False
