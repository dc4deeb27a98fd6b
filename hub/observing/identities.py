# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The metrics of identities: when certificates and keys run out, and how old what is known of revocation is."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from hub.running import Hub


def identity_metrics(hub: Hub) -> Iterator[Metric]:
    """This hub alone. Holders are names of the configuration; of several of a kind the next to end counts."""
    now = hub.clock.now()
    expiry = GaugeMetricFamily(
        "govhub_identity_expiry_seconds",
        "证书或密钥距到期 time until a certificate or key runs out; negative: it has",
        labels=["holder", "kind"],
    )
    told: set[tuple[str, str]] = set()
    for one in hub.identities.expiry.known:
        if (one.holder, one.kind) not in told:
            told.add((one.holder, one.kind))
            expiry.add_metric([one.holder, one.kind], one.left(now).total_seconds())
    age = GaugeMetricFamily(
        "govhub_revocation_age_seconds", "吊销信息的时龄 age of what is known of revocation", labels=["place"]
    )
    feed = hub.identities.feed
    for place, made in () if feed is None else feed.made().items():
        if not place.startswith("ocsp-"):
            age.add_metric([place], (now - made).total_seconds())
    yield from (expiry, age)
