# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules about whom a connector trusts, and what it does with the secrets it is lent."""

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.far_side import Behaviour
from connectors.sdk.outcomes import QueryOutcome, Unavailable
from connectors.sdk.rule import Rule, entering, parcel_of, taken, unless
from connectors.sdk.traps import REDIRECTS, aimed, redirecting, unvouched

TRUST_RULES: list[Rule] = []
_rule = entering(TRUST_RULES)


@_rule(Isolation.NONE)
async def follows_no_redirect(bench: Bench) -> str:
    """Nobody outside can send the hub to an address inside: a redirect is no success, and is not followed."""
    async with redirecting() as (outside, inside):
        aim = aimed(bench.settings, outside.port, tls=False)
        if aim is None:
            return ""  # no HTTP address in its settings
        async with bench.changed(aim).open() as sink:
            outcomes = [await sink.send(parcel_of(f"key-{number}", timeout=3.0)) for number in range(REDIRECTS)]
            await sink.query("key-0")
            await sink.check()
    if inside.fallen:
        return f"it followed a redirect to an address inside, {len(inside.fallen)} times"
    return unless(not any(map(taken, outcomes)), f"a redirect counts as delivered: {outcomes}")


@_rule(Isolation.NONE)
async def verifies_tls(bench: Bench) -> str:
    """Nothing is said to a far side that nobody vouches for."""
    async with unvouched() as trap:
        aim = aimed(bench.settings, trap.port, tls=True)
        if aim is None:
            return ""  # no address in its settings that would be called over TLS
        async with bench.changed(aim).open() as sink:
            outcome = await sink.send(parcel_of("key-1", timeout=5.0))
            there = await sink.check()
    if trap.fallen:
        return "it spoke to a far side whose certificate nobody vouches for"
    return unless(
        not taken(outcome) and not taken(there), f"it delivered over TLS that cannot be trusted: {outcome}, {there}"
    )


@_rule(Isolation.NONE)
async def secret_stays_secret(bench: Bench) -> str:
    """No secret stands in a log line, in an outcome, or in what config and sink print of themselves."""
    outcomes: list[QueryOutcome] = []
    config = bench.connector.config.model_validate(bench.settings)
    async with bench.open_bare() as sink:
        for behaviour in (Behaviour.ACCEPT, Behaviour.REFUSE, Behaviour.OUTAGE, Behaviour.CUT):
            await bench.far_side.behave(behaviour)
            outcomes.append(await sink.send(parcel_of(f"key-{behaviour}")))
        outcomes.append(await sink.check())
        said = " ".join(
            [*bench.overheard.lines, repr(outcomes), repr(config), str(config), repr(sink), str(vars_of(sink))]
        )
    leaked = sorted(
        {name for name, value in zip(bench.secret.asked, bench.secret.given, strict=False) if value in said}
    )
    return unless(not leaked, f"the value of a secret is printed: {', '.join(leaked)}")


@_rule()
async def rotation_is_live(bench: Bench) -> str:
    """A secret is asked for again, at each send or at each connection at the latest: its value may have changed."""
    async with bench.open() as sink:
        await sink.send(parcel_of("key-1"))
        before = len(bench.secret.asked)
        await bench.far_side.behave(Behaviour.OUTAGE)
        await sink.send(parcel_of("key-2"))
        await bench.far_side.behave(Behaviour.ACCEPT)
        await sink.send(parcel_of("key-2", attempt=2))
    return unless(not before or len(bench.secret.asked) > before, "it asks for its secrets once and keeps the values")


@_rule()
async def missing_secret_is_unavailable(bench: Bench) -> str:
    """A secret that is not there is the operator's to mend: the message waits."""
    bench.secret.gone = True
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1"))
    return unless(
        not bench.secret.asked or isinstance(outcome, Unavailable), f"without its secret a send ends as {outcome}"
    )


def vars_of(sink: object) -> dict[str, object]:
    """What an object holds directly; its context is the hub's."""
    held = getattr(sink, "__dict__", {})
    return {name: value for name, value in held.items() if isinstance(value, str | bytes | dict | list | tuple)}
