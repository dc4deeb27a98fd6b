# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The form inside a record, in a version that its receiver understands."""

from collections.abc import Mapping

from contracts.cloudevent import JsonValue
from contracts.conversion import Converted, Inexpressible
from contracts.item_forms.registry import CARRIERS, FormRegistry


def in_spoken_form(
    registry: FormRegistry, spoken: Mapping[str, frozenset[int]], contract: str, record: Mapping[str, JsonValue]
) -> Converted | Inexpressible:
    """The record with its form in the nearest version that is ``spoken`` of its item, the newer of two.

    A record without a form, or whose item is not named in ``spoken``, comes back as it is. ``contract`` is a type.
    """
    as_it_is = Converted(dict(record))
    form, carrier = record.get("form"), CARRIERS.get(contract)
    if not isinstance(form, dict) or carrier is None:
        return as_it_is
    wanted = spoken.get(form["item_code"])
    at = form["form_version"]
    if wanted is None or at in wanted:
        return as_it_is
    version = min(wanted, key=lambda one: (abs(one - at), -one))
    converted = registry.convert(form, version, carrier)
    if isinstance(converted, Inexpressible):
        return converted
    return Converted({**record, "form": converted.data}, converted.losses)
