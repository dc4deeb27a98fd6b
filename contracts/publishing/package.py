# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A contract package: contracts of one namespace, with the record of what was published of them. 契约包

Ours is :data:`contracts.catalogue.BUILTIN`. Others come from outside this repository, by an entry point of the group
``govhub.contracts`` that names a :class:`ContractPackage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPackage:
    """``namespace`` is how the type of each of its contracts begins, up to a dot: ``cn.gov.`` is ours, and no package lies
    within another's. ``published`` is the folder of published versions (:mod:`contracts.publishing.lock`).
    """

    name: str
    namespace: str
    contracts: Sequence[Contract]
    published: Traversable
