# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The full path under load: HTTP in, two far sides over HTTP, one of them in XML."""

from hub.bench.rig import Rig
from hub.bench.run import count, number, percentile, quiet

_POISONED = 100


async def http_to_http(
    hub: Rig, seconds: float, warm_up: float, cases: int, in_flight: int, destinations: int
) -> dict[str, float]:
    """Saturation, latencies at half of that rate, then saturation with a hundred cases that the far sides never take.

    Only what was delivered while it was measured counts as accepted: an acceptance that left a longer backlog does not.
    """
    order: dict[str, object] = {"cases": cases, "in_flight": in_flight, "seconds": seconds}
    warm = await hub.send({**order, "first": 0, "seconds": warm_up})
    total = count(warm, "accepted")
    await quiet(hub, total * destinations)
    before, seen = hub.cpu(), (await hub.tally())["effects"]
    full = await hub.send({**order, "first": 10**8})
    delivered = (await hub.tally())["effects"] - seen
    accepted = count(full, "accepted")
    total += accepted
    await quiet(hub, total * destinations)
    after = hub.cpu()
    rate = min(accepted, delivered / destinations) / number(full, "seconds")

    await hub.latencies()
    calm = await hub.send({**order, "first": 2 * 10**8, "rate": rate / 2})
    total += count(calm, "accepted")
    await quiet(hub, total * destinations)
    answers, ends = sorted(calm["latencies"]), sorted(await hub.latencies())  # type: ignore[call-overload]
    tally = await hub.tally()
    memory = hub.memory()

    await hub.poison(_POISONED)
    seen = tally["effects"]
    sick = await hub.send({**order, "first": 3 * 10**8})
    healthy = (await hub.tally())["effects"] - seen
    await hub.poison(0)
    return {
        "accepted_per_s": rate,
        "accepted_gross_per_s": accepted / number(full, "seconds"),
        "delivered_per_s": delivered / number(full, "seconds"),
        "p50_ms": percentile(answers, 50),
        "p99_ms": percentile(answers, 99),
        "delivered_p50_ms": percentile(ends, 50),
        "delivered_p99_ms": percentile(ends, 99),
        "poisoned_delivered_per_s": healthy / number(sick, "seconds"),
        "http_rss_mib": memory,
        "lost": int(total * destinations - tally["effects"]),
        "duplicated": int(tally["repeats"]),
        **{f"cpu_ms.http_{part}": (after[part] - before[part]) / max(1, accepted) * 1000 for part in after},
    }
