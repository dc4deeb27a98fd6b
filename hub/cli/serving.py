# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub run`` and ``govhub migrate``."""

import asyncio
import gc
import os
import resource
import signal
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import orjson
import typer
from structlog.typing import FilteringBoundLogger

from connectors.sdk.fencing.privileges import be_unreadable
from connectors.sdk.standstill import new_fast_loop
from connectors.sdk.watchdog import watched_loop
from hub.api.server import serve
from hub.api.tls import ServerTls, TlsFiles, Unusable
from hub.app import bring_up_to_date, running
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.identities import secret_of
from hub.config.load import Loaded, load_deployment
from hub.logging import configure
from hub.running import Hub
from hub.start_failures import Failure

_FILES = 65_536


def run(
    config: Config = DEFAULT_CONFIG,
    log_level: Annotated[str, typer.Option(help="日志级别。 debug, info, warning or error.")] = "info",
) -> None:
    """运行中枢，直到收到 SIGTERM 或 Ctrl-C。 Run the hub until SIGTERM or Ctrl-C."""
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=False)
        raise typer.Exit(FAULTY)
    tell_faults(loaded.warnings, as_json=False)
    _allow_files()
    be_unreadable()  # connectors apart, and whoever else runs under our user, cannot look into our memory or environment
    with asyncio.Runner(loop_factory=new_fast_loop) as runner:
        raise typer.Exit(runner.run(_run(loaded, log_level)))


def _allow_files() -> None:
    """As many open files as the system allows without asking: every connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def collect_seldom() -> None:
    """Have the collector of cycles look at little, and not often: a message makes hundreds of objects and hardly a cycle."""
    gc.collect()
    gc.freeze()  # modules and contracts live as long as the process: no collection need look at them again
    gc.set_threshold(50_000, 20, 100)  # +10 % against the default


def _tell_blocked(log: FilteringBoundLogger, stack: Sequence[str]) -> None:
    log.error("loop blocked", stack=list(stack))


async def _run(loaded: Loaded, log_level: str) -> int:
    log = configure(log_level)
    collect_seldom()
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    host, _, port = loaded.deployment.hub.listen.rpartition(":")
    async with watched_loop(partial(_tell_blocked, log)), running(loaded, log) as hub:
        if isinstance(hub, Failure):
            typer.echo(f"{hub.reason.zh} {hub.remedy.zh}\n{hub.reason.en} {hub.remedy.en}", err=True)
            for line in hub.log:
                typer.echo(f"  {line}", err=True)
            return FAULTY
        tls = server_tls(loaded, hub)
        if isinstance(tls, Unusable):
            typer.echo(f"{tls.reason.zh} / {tls.reason.en}", err=True)
            return FAULTY
        try:
            server = await serve(hub, loaded.deployment.limits, host.strip("[]"), int(port), tls=tls)
        except OSError as error:
            typer.echo(f"无法监听 {host}:{port}：{error.strerror} / cannot listen there", err=True)
            return FAULTY
        address = f"{'http' if tls is None else 'https'}://{host}:{server.port}"
        typer.echo(orjson.dumps({"address": address, "hub": hub.name, "pid": os.getpid()}).decode())
        log.info("serving", address=address, hub=hub.name)
        await stopping.wait()
        log.info("stopping")
        await server.stop()
    log.info("stopped")
    return 0


def server_tls(loaded: Loaded, hub: Hub) -> ServerTls | Unusable | None:
    """TLS as the deployment has it, ready to serve; None: it has none."""
    section = loaded.deployment.tls
    if section is None:
        return None
    key = secret_of(loaded, section.key)

    def read() -> TlsFiles | None:
        value = key()
        try:
            certificate = loaded.path(section.certificate).read_text(encoding="ascii")
        except (OSError, ValueError):
            return None
        return None if value is None else TlsFiles(certificate, value)

    def turned_away(code: str) -> None:
        hub.log.info("handshake refused", code=code)
        hub.observer.turned_away(code)

    tls = ServerTls(
        read, client_auth=section.client_auth, minimum=section.minimum, turned_away=turned_away, log=hub.log
    )
    done = tls.refresh(hub.identities.known.anchors)
    if isinstance(done, Unusable):
        return done
    hub.identities.own = lambda: tls.not_after
    return tls


def migrate(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """把数据库升级到本版本。 Bring the database to this version (a hub also does it when it starts)."""
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    result = asyncio.run(bring_up_to_date(loaded))
    if isinstance(result, Failure):
        stop(result.reason, result.remedy, as_json=as_json)
    if as_json:
        tell_json({"applied": list(result.applied)})
    else:
        typer.echo("\n".join(result.applied) or "数据库已是最新。 The database is up to date.")
