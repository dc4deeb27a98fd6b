# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The XSD of a site's map takes what the map writes, and the document comes back through XML in its encoding."""

from pathlib import Path

import pytest
from lxml import etree

from contracts.catalogue import builtin
from contracts.dialects.document import Document
from contracts.mapping.loading import Loaded, load, shipped
from contracts.mapping.site_map import Mapped, SiteMap, Written
from contracts.refusal import Refusal
from contracts.xml.carrier import read, write
from contracts.xml.site_schema import site_xsd
from tests.contracts.instances import canonical
from tests.contracts.xml.validators import Validators


def loaded(path: Path) -> SiteMap:
    found = load(path, builtin())
    assert isinstance(found, Loaded), found
    return found.site_map


SITES = {name: site for name, path in shipped().items() if (site := loaded(path)).carrier == "xml"}


def written(site: SiteMap) -> list[Document]:
    """The examples of every contract the map writes, as far as it can say them."""
    told = [
        site.write(contract, canonical(contract, example.data))
        for contract in site.writes()
        for example in contract.examples
        if example.valid
    ]
    return [one.document for one in told if isinstance(one, Written)]


@pytest.mark.parametrize("name", SITES)
def test_documents_fit_and_come_back(name: str) -> None:
    site = SITES[name]
    validators = Validators(site_xsd(site))
    documents = written(site)
    assert len(documents) >= len(site.writes())

    for document in documents:
        body = write(document, site.encoding)
        assert isinstance(body, bytes), body
        assert validators.take(etree.tostring(etree.fromstring(body), encoding="UTF-8"))
        again = read(body, site.encoding.value)
        assert isinstance(again, Document), again
        assert _meaning(site.read(again)) == _meaning(site.read(document))


def _meaning(told: Mapped | Refusal) -> object:
    return told.checked.canonical if isinstance(told, Mapped) else told


@pytest.mark.parametrize(
    "body",
    [
        "<申请><办件编号>1</办件编号><没有的字段>1</没有的字段></申请>",
        "<申请/>",
        f"<申请><办件编号>{'1' * 51}</办件编号></申请>",
        "<没有的报文/>",
    ],
)
def test_what_the_map_does_not_know_does_not_fit(body: str) -> None:
    assert not Validators(site_xsd(SITES["gbt39046"])).take(body.encode())


def test_it_says_what_the_fields_mean() -> None:
    said = site_xsd(SITES["gbt39046"]).decode()

    assert '<xs:documentation xml:lang="zh">申请者名称</xs:documentation>' in said
    assert 'name="申请.材料"' in said
