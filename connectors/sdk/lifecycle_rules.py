# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules about making, opening and closing."""

from connectors.sdk.bench import Bench, Isolation, lent
from connectors.sdk.far_side import Behaviour
from connectors.sdk.rule import Rule, entering, parcel_of, taken, unless

LIFECYCLE_RULES: list[Rule] = []
_rule = entering(LIFECYCLE_RULES)


@_rule(Isolation.NONE)
async def making_one_touches_nothing(bench: Bench) -> str:
    """Before a sink is entered, nobody was called and no secret was asked for."""
    config = bench.connector.config.model_validate(bench.settings)
    async with lent(bench.secret, bench.overheard, bench.meter) as context:
        bench.connector.sink(config, context)
        bench.connector.promises(config)
    touched = [*bench.secret.asked, *(one.idempotency_key for one in bench.far_side.arrived)]
    return unless(not touched, f"it asked for {bench.secret.asked}, {len(bench.far_side.arrived)} arrived")


@_rule()
async def opens_while_the_far_side_is_away(bench: Bench) -> str:
    """A far side that is away at the start is no obstacle: the sink opens, and delivers once it is back."""
    await bench.far_side.behave(Behaviour.OUTAGE)
    async with bench.open() as sink:
        await bench.far_side.behave(Behaviour.ACCEPT)
        outcome = await sink.send(parcel_of("key-1"))
    return unless(taken(outcome), f"opened in an outage, it then ends as {outcome}")


@_rule()
async def opens_twice(bench: Bench) -> str:
    """Two sinks of one connector know nothing of each other, and a closed one keeps nobody from opening the next."""
    async with bench.open() as first, bench.open() as second:
        outcomes = [await first.send(parcel_of("key-1")), await second.send(parcel_of("key-2"))]
    async with bench.open() as third:
        outcomes.append(await third.send(parcel_of("key-3")))
    return unless(all(map(taken, outcomes)), f"{outcomes}")
