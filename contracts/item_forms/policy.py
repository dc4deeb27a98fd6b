# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a message's form is held against: the registered forms, and a declared policy for what is not registered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.cloudevent import JsonValue
from contracts.families.form import within_bounds
from contracts.item_forms.registry import CARRIERS, FormRegistry
from contracts.refusal import Violation
from contracts.text import Text

Verdict: TypeAlias = Literal["accept", "refuse"]


@dataclass(frozen=True, slots=True)
class FormPolicy:
    """What becomes of forms that cannot be held against a schema.

    ``unregistered``: the item has no registered form at all. ``unregistered_version``: it has, and not this version.
    ``missing``: an application for an item with a registered form comes without one.
    """

    unregistered: Verdict = "accept"
    unregistered_version: Verdict = "refuse"
    missing: Verdict = "accept"


def judge(registry: FormRegistry, policy: FormPolicy, contract: str, data: JsonValue) -> tuple[Violation, ...]:
    """Everything wrong with the form that a record of this contract carries. Empty: nothing, or no form is there.

    ``data`` is what the sender wrote, of any kind: where it is no form at all the contract itself says so, and this
    holds its peace.
    """
    carrier = CARRIERS.get(contract)
    if carrier is None or not isinstance(data, dict):
        return ()
    form, item = data.get("form"), data.get("item_code")
    if form is None:
        asked = carrier == "application" and policy.missing == "refuse" and isinstance(item, str)
        return (_MISSING,) if asked and registry.versions(str(item), carrier) else ()
    return tuple(_of(registry, policy, carrier, form)) if isinstance(form, dict) else ()


def _of(
    registry: FormRegistry, policy: FormPolicy, carrier: Literal["application", "step"], form: Mapping[str, JsonValue]
) -> Iterator[Violation]:
    item, version, filled = form.get("item_code"), form.get("form_version"), form.get("data")
    if not isinstance(item, str):
        return
    versions = registry.versions(item, carrier)
    if not versions:
        if policy.unregistered == "refuse":
            yield _UNREGISTERED
        return
    if type(version) is not int:
        return
    registered = next((one for one in versions if one.version == version), None)
    if registered is not None:
        if isinstance(filled, dict) and within_bounds(filled):
            yield from registered.check(filled)
    elif policy.unregistered_version == "refuse":
        known = ", ".join(str(one.version) for one in versions)
        expected = Text(f"「表单版本」：已注册的版本 {known}", f"a registered version: {known}")
        yield Violation("E_V_FORM_VERSION", "$.data.form.form_version", expected, _USE_IT)


_MISSING = Violation(
    "E_V_MISSING",
    "$.data.form",
    Text("「事项表单」：该事项须填写自己的表单", "the item's own form, which this item asks for"),
    Text("按 /v1/forms 中该事项的表单填写", "Fill in the item's form as /v1/forms gives it"),
)
_UNREGISTERED = Violation(
    "E_V_FORM_UNKNOWN",
    "$.data.form.item_code",
    Text("「表单实施编码」：已注册表单的事项", "an item whose form is registered"),
    Text("省略 form，或请平台注册该事项的表单", "Leave form out, or have the platform register the item's form"),
)
_USE_IT = Text("改用已注册的版本填写", "Fill in a version that is registered")
