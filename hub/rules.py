# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of a deployment, by which messages are held against contract, sender and clock: the same for a hub and for a
command that tries something on them.
"""

from datetime import timedelta

from hub.config.load import Loaded
from hub.item_forms import ItemForms
from hub.stages.validate import Rules, Speaker


def rules_of(loaded: Loaded, forms: ItemForms) -> Rules:
    """Its contracts and forms, who may say what in which dialect, and how far ``time`` may be away."""
    limits = loaded.deployment.limits
    return Rules(
        registry=loaded.registry,
        speakers={
            name: Speaker(
                any_case=system.any_case,
                dialects=loaded.agreed.spoken[name].dialects,
            )
            for name, system in loaded.deployment.systems.items()
        },
        future=timedelta(seconds=limits.future_seconds),
        past=timedelta(days=limits.past_days),
        access=loaded.access,
        forms=forms,
    )
