# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The command ``govhub``: every command answers people in Chinese and English, and programs with ``--json``."""

from typing import Annotated

import typer

from hub.cli import (
    access,
    acts,
    aliases,
    analyse,
    answers,
    archive,
    audit,
    bench,
    bench_compare,
    bench_evidence,
    cases,
    certs,
    certs_checking,
    connectors,
    contracts,
    dead,
    deadlines,
    demo,
    destinations,
    evidence,
    forms,
    items,
    keys,
    lookups,
    maps,
    notices,
    operators,
    province,
    reconcile,
    routes,
    sealing,
    seals,
    serving,
    simulate,
    supervision,
    transactions,
)

app = typer.Typer(
    name="govhub",
    help="政务服务集成中枢：受理的每一条消息都不丢，并能证明。 The hub that loses nothing it accepted, and proves it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("run")(serving.run)
app.command("migrate")(serving.migrate)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
bench.app.command("compare")(bench_compare.compare_with_peers)
bench.app.command("evidence")(bench_evidence.weigh_evidence)
app.add_typer(bench.app, name="bench")
app.command("analyse")(analyse.analyse)
app.command("deadlines")(deadlines.deadlines)
app.add_typer(access.app, name="access")
app.add_typer(routes.app, name="routes")
app.add_typer(cases.app, name="cases")
app.add_typer(aliases.app, name="aliases")
app.add_typer(transactions.app, name="transactions")
app.add_typer(answers.app, name="answers")
app.add_typer(archive.app, name="archive")
app.add_typer(evidence.app, name="evidence")
app.add_typer(connectors.app, name="connectors")
app.add_typer(contracts.app, name="contracts")
app.add_typer(forms.app, name="forms")
app.add_typer(notices.app, name="notices")
app.add_typer(maps.app, name="maps")
app.add_typer(province.app, name="province")
app.add_typer(keys.app, name="keys")
certs.app.command("check")(certs_checking.check)
app.add_typer(certs.app, name="certs")
app.add_typer(seals.app, name="seals")
app.add_typer(sealing.app, name="sealing")
app.add_typer(dead.app, name="dead")
app.add_typer(destinations.app, name="destinations")
app.add_typer(acts.app, name="acts")
app.add_typer(operators.app, name="operators")
app.add_typer(audit.app, name="audit")
app.add_typer(lookups.app, name="lookups")
app.add_typer(reconcile.app, name="reconcile")
app.add_typer(supervision.app, name="supervision")
app.add_typer(items.app, name="items")


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="版本。 The version.", is_eager=True)] = False,
) -> None:
    """Options of the command as a whole."""
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415  # because only this flag needs it

        typer.echo(f"govhub {installed('govhub')}")
        raise typer.Exit


def run() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    run()
