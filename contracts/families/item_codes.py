# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The codes of one item, told apart by kind. 事项编码

GB/T 39554.1 has basic codes of 12, implementation codes of 31 and codes of handling items (业务办理项) of 33 characters;
108号文 and GB/T 39046-2020 have basic codes of up to 10 and implementation codes of up to 24. Both are in use, beside
codes that a site made up for itself. A record names its item by one of them, ``item_code``, by which it is routed, and
says which kind that is; the item's other codes stand beside it where the sender knows them.
"""

import re
from typing import Annotated

from pydantic import Field

from contracts import forms
from contracts.codes import ItemCodeKind
from contracts.conversion import Step
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Item, Line50, says
from contracts.form_rules import FormWhen
from contracts.identifiers.marks import Identifier
from contracts.rules import AbsentWhen, Rule
from contracts.steps import Added
from contracts.telling_apart import KindTold, ToldApart

ImplementationCode = Annotated[str, Field(strict=True, pattern=forms.IMPLEMENTATION), Identifier.ITEM]
HandlingItemCode = Annotated[str, Field(strict=True, pattern=forms.HANDLING_ITEM), Identifier.ITEM]
OldImplementationCode = Annotated[str, Field(strict=True, pattern=forms.OLD_IMPLEMENTATION), Identifier.ITEM]
LocalItemCode = Annotated[str, Field(strict=True, min_length=1, max_length=64, pattern=forms.ITEM)]
"""What a site made up for itself: of any form, so there is nothing to judge."""

BasicCode = Annotated[str, Field(strict=True, pattern=forms.BASIC)]
OldBasicCode = Annotated[str, Field(strict=True, pattern=forms.OLD_BASIC)]

_KINDS = (
    (ItemCodeKind.IMPLEMENTATION.value, forms.IMPLEMENTATION, "implementation_code"),
    (ItemCodeKind.HANDLING_ITEM.value, forms.HANDLING_ITEM, "handling_item_code"),
    (ItemCodeKind.OLD_IMPLEMENTATION.value, forms.OLD_IMPLEMENTATION, "old_item_code"),
)


class ItemCodes(CaseRecord):
    """The fields of a record that says which kind of item code it carries."""

    item_code: Annotated[Item, says("事项编码", "Code of the item, of any kind; messages are routed by it")]
    item_code_kind: Annotated[ItemCodeKind, says("事项编码种类", "Which kind of code item_code is")]
    implementation_code: Annotated[
        ImplementationCode | None, says("实施编码", "Implementation code (GB/T 39554.1), when item_code is another")
    ] = None
    handling_item_code: Annotated[
        HandlingItemCode | None, says("业务办理项编码", "Code of the handling item, when item_code is another")
    ] = None
    old_item_code: Annotated[
        OldImplementationCode | None,
        says("旧实施编码", "Implementation code of GB/T 39046-2020, when item_code is another"),
    ] = None
    local_item_code: Annotated[
        LocalItemCode | None, says("地方事项编码", "The site's own code of the item, when item_code is another")
    ] = None
    basic_code: Annotated[BasicCode | None, says("基本编码", "Basic code of the item, 12 characters")] = None
    old_basic_code: Annotated[
        OldBasicCode | None, says("旧基本编码", "Basic code of the item before GB/T 39554.1, up to 10 characters")
    ] = None
    local_basic_code: Annotated[Line50 | None, says("地方基本编码", "Basic code of the site's own")] = None


ITEM_CODE_RULES: tuple[Rule, ...] = (
    *(FormWhen("item_code", form, "item_code_kind", kind) for kind, form, _ in _KINDS),
    *(AbsentWhen(field, "item_code_kind", (kind,)) for kind, _, field in _KINDS),
    AbsentWhen("local_item_code", "item_code_kind", (ItemCodeKind.LOCAL.value,)),
)
"""``item_code`` has the form of its kind, and no second code of that kind stands beside it."""

ITEM_CODE_STEPS: tuple[Step, ...] = (
    KindTold(
        "item_code",
        "item_code_kind",
        tuple((kind, re.compile(form)) for kind, form, _ in _KINDS),
        ItemCodeKind.LOCAL.value,
    ),
    *(Added(field) for _, _, field in _KINDS),
    Added("local_item_code"),
    ToldApart(
        "basic_code",
        (("basic_code", re.compile(forms.BASIC)), ("old_basic_code", re.compile(forms.OLD_BASIC))),
        "local_basic_code",
        longest=20,
    ),
)
"""From a record with one item code and one basic code, of at most 20 characters, to this one and back."""
