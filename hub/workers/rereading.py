# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the folder of item forms again when it has changed, for as long as the hub runs."""

import asyncio

from contracts.item_forms.load import LoadedForms, digest_of, load_folder
from hub.running import Hub

_SETTLED = 0.2
"""Seconds without a change, so that files are not read while somebody still writes them."""


async def reread_forms(hub: Hub) -> None:
    """Look, and read what has changed, in a thread of its own. Runs until cancelled."""
    forms = hub.rules.forms
    folder = forms.folder
    if folder is None:
        await asyncio.Event().wait()  # nothing to look at, and a loop does not end
        return
    while True:
        await hub.clock.sleep(forms.check_seconds)
        digest = await asyncio.to_thread(digest_of, folder)
        if digest == forms.digest:
            continue
        await hub.clock.sleep(_SETTLED)
        loaded = await asyncio.to_thread(load_folder, folder)
        if digest != await asyncio.to_thread(digest_of, folder):
            continue  # looked at again in a moment
        if isinstance(loaded, LoadedForms):
            hub.log.info("forms", forms=len(loaded.registry.all()), digest=digest)
        else:
            where = [f"{fault.code} {fault.at}" for fault in loaded[:10]]
            hub.log.error("forms not usable", faults=len(loaded), first=where)
        await forms.take(digest, loaded, hub.clock.now())
