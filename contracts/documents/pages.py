# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""All generated pages over one registry, each made when it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial

from contracts.documents import coverage_page, lifecycle_page, problems_page
from contracts.documents.contract_page import INDEX, contract_page
from contracts.documents.dialects import maps
from contracts.documents.index_page import index_page
from contracts.documents.page import Page, Words
from contracts.mapping.site_map import SiteMap
from contracts.registry import Registry
from contracts.text import Text


class Pages:
    """The index, a page for each type, and those that are about no one contract."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        general: Mapping[str, tuple[Text, Callable[[], Page]]] = {
            lifecycle_page.NAME: (lifecycle_page.TITLE, lifecycle_page.lifecycle_page),
            coverage_page.NAME: (coverage_page.TITLE, partial(coverage_page.coverage_page, registry)),
            problems_page.NAME: (problems_page.TITLE, problems_page.problems_page),
        }
        labels = [(name, Words(title)) for name, (title, _) in general.items()]
        types = dict.fromkeys(contract.type for contract in registry.all())
        self._makers: Mapping[str, Callable[[], Page]] = {
            INDEX: partial(index_page, registry, labels),
            **{type_: partial(self._of_type, type_) for type_ in types},
            **{name: make for name, (_, make) in general.items()},
        }

    @property
    def names(self) -> Sequence[str]:
        """The name of every page, the index first."""
        return tuple(self._makers)

    def page(self, name: str) -> Page | None:
        """The page with this name. It may take a second or so to make."""
        make = self._makers.get(name)
        return None if make is None else make()

    @cached_property
    def _maps(self) -> Mapping[str, SiteMap]:
        return maps(self._registry)

    def _of_type(self, type_: str) -> Page:
        return contract_page(self._registry, type_, self._maps)
