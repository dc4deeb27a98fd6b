# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The observer that a deployment asks for."""

import os

from structlog.typing import FilteringBoundLogger

from hub.config.load import Loaded, resolve_secret
from hub.observing.observer import Observer
from hub.ports.clock import Clock
from hub.ports.tracer import NoTracer, Tracer


def observer_of(loaded: Loaded, log: FilteringBoundLogger, clock: Clock) -> Observer:
    """With spans, if there is a collector to send them to; the configuration was checked for what that needs."""
    return Observer(log, clock, _tracer(loaded, log, clock))


def _tracer(loaded: Loaded, log: FilteringBoundLogger, clock: Clock) -> Tracer:
    traces = loaded.deployment.telemetry.traces
    if traces is None:
        return NoTracer()
    from hub.observing.otlp import OtlpTracer  # noqa: PLC0415  # because it is an extra, and takes its time to load

    sources = loaded.deployment.secrets
    headers = {
        header: resolve_secret(sources[name], os.environ, loaded.home) or ""
        for header, name in traces.secret_headers.items()
    }
    return OtlpTracer(
        traces.endpoint,
        traces.sample,
        service=traces.service,
        instance=loaded.deployment.hub.name,
        headers=headers,
        log=log,
        monotonic=clock.monotonic,
    )
