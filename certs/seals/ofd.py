# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The signatures of an OFD file (GB/T 33190-2016, 18): each over its Signature.xml, and by that over every file it refers to.

A signature covers the whole file, or it does not hold: what is in the package and not referred to could be shown to the
reader as if it had been sealed. Left out of that are only what no signature can cover: the list of signatures and the files
of the signatures themselves.
"""

import base64
import binascii
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from certs.seals.check import Aspect, Check, Examined, Facts, Impression, Kind, failed, held
from certs.seals.content import Content
from certs.seals.package import Package, UnfitError, resolved
from certs.seals.reading import Signature, read
from certs.seals.ses import verify_signature
from certs.x509.anchors import Trust
from contracts.refusal import Refusal
from contracts.xml.tree import Element, local, parse_tree

_ROOT = "OFD.xml"
_MOST_SIGNATURES = 100
_DIGESTS = {"1.2.156.10197.1.401": "sm3", "sm3": "sm3", "sha256": "sha256", "sha-256": "sha256",
            "2.16.840.1.101.3.4.2.1": "sha256"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """One Signature.xml. ``references`` are paths and the digests written for them, ``seal`` the path of the seal's file."""

    path: str
    document: bytes
    value: str
    seal: str | None
    method: str
    references: tuple[tuple[str, bytes], ...]


def verify_ofd(data: Content, trust: Trust, at: datetime) -> Examined:
    """Every signature of the file. Never raises, whatever the bytes."""
    try:
        package = Package(data)
        lists, signatures = _found(package)
        if not signatures:
            return Examined(Kind.OFD, (), (failed(Aspect.FORM, "NOT_SEALED"),))
        own = lists | {path for one in signatures for path in (one.path, one.value, one.seal) if path}
        impressions = tuple(_verified(package, one, own, trust, at) for one in signatures)
    except UnfitError as error:
        return Examined(Kind.OFD, (), (failed(Aspect.FORM, error.code, error.place),))
    return Examined(Kind.OFD, impressions, (held(Aspect.FORM),))


def made_from(sealed: Content, original: Content) -> bool:
    """Whether a sealed file shows what the original shows: the same documents, and every file of theirs unchanged. Nothing is
    added but the files of signatures, and the root's word where they are. Never raises.
    """
    try:
        before, after = Package(original), Package(sealed)
        lists, signatures = _found(after)
        own = lists | {path for one in signatures for path in (one.path, one.value, one.seal) if path}
        if after.names - before.names - own or _documents(before) != _documents(after):
            return False
        kept = before.names - own - {_ROOT}
        return all(before.digest(name, "sha256") == after.digest(name, "sha256") for name in kept)
    except UnfitError:
        return False


def _documents(package: Package) -> list[str]:
    return [_path(one.text, _ROOT) for one in _descendants(_tree(package, _ROOT), "DocRoot")]


def _verified(package: Package, one: SignatureFile, own: frozenset[str], trust: Trust, at: datetime) -> Impression:
    content = package.read(one.value)
    signature = None if content is None else read(content)
    if not isinstance(signature, Signature):
        return Impression(Facts(), (failed(Aspect.FORM, "FORM", one.value),), one.path)
    made = verify_signature(signature, one.document, trust, at)
    checks = (
        *made.checks,
        *_of_references(package, one),
        _of_coverage(package, one, own),
        *_of_seal(package, one, signature),
    )
    return replace(made, checks=checks, place=one.path)


def _of_references(package: Package, one: SignatureFile) -> Iterator[Check]:
    """One check for each reference that does not hold, or one for all of them."""
    algorithm = _DIGESTS.get(one.method.lower())
    if algorithm is None:
        yield failed(Aspect.DOCUMENT, "DIGEST_ALGORITHM", one.path)
        return
    good = True
    for path, digest in one.references:
        found = package.digest(path, algorithm)
        if found is None:
            good = False
            yield failed(Aspect.DOCUMENT, "REFERENCE_MISSING", path)
        elif not hmac.compare_digest(found, digest):
            good = False
            yield failed(Aspect.DOCUMENT, "DOCUMENT_CHANGED", path)
    if good:
        yield held(Aspect.DOCUMENT, f"{len(one.references)} references")


def _of_coverage(package: Package, one: SignatureFile, own: frozenset[str]) -> Check:
    loose = sorted(package.names - own - {path for path, _ in one.references})
    return failed(Aspect.COVERAGE, "NOT_COVERED", loose[0]) if loose else held(Aspect.COVERAGE)


def _of_seal(package: Package, one: SignatureFile, signature: Signature) -> Iterator[Check]:
    """A reader may show the picture of the seal's own file: it has to be the one that was signed with."""
    if one.seal is not None and package.read(one.seal) != signature.seal.der:
        yield failed(Aspect.SEAL, "SEAL_FILE_DIFFERS", one.seal)


def _found(package: Package) -> tuple[frozenset[str], tuple[SignatureFile, ...]]:
    """The lists of signatures, and the signatures they name."""
    root = _tree(package, _ROOT)
    lists = set[str]()
    signatures: list[SignatureFile] = []
    for element in _descendants(root, "Signatures"):
        path = _path(element.text, _ROOT)
        lists.add(path)
        for named in _descendants(_tree(package, path), "Signature"):
            if len(signatures) >= _MOST_SIGNATURES:
                raise UnfitError("TOO_LARGE", path)
            signatures.append(_signed(package, _path(named.get("BaseLoc"), path)))
    return frozenset(lists), tuple(signatures)


def _signed(package: Package, path: str) -> SignatureFile:
    root = _tree(package, path)
    document = package.read(path)
    assert document is not None, "it was just parsed"
    references = next(iter(_descendants(root, "References")), None)
    value = next((one for one in root if local(one) == "SignedValue"), None)
    if references is None or value is None:
        raise UnfitError("FORM", path)
    seal = next(iter(_descendants(root, "Seal")), None)
    location = None if seal is None else next(iter(_descendants(seal, "BaseLoc")), None)
    return SignatureFile(
        path=path,
        document=document,
        value=_path(value.text, path),
        seal=None if location is None else _path(location.text, path),
        method=(references.get("CheckMethod") or "").strip(),
        references=tuple(_reference(one, path) for one in references if local(one) == "Reference"),
    )


def _reference(element: Element, within: str) -> tuple[str, bytes]:
    value = next((one for one in element if local(one) == "CheckValue"), None)
    try:
        digest = base64.b64decode("".join((("" if value is None else value.text) or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnfitError("FORM", within) from error
    return _path(element.get("FileRef"), within), digest


def _tree(package: Package, path: str) -> Element:
    content = package.read(path)
    tree = None if content is None else parse_tree(content)
    if tree is None or isinstance(tree, Refusal):
        raise UnfitError("FORM", path)
    return tree.root


def _path(location: str | None, within: str) -> str:
    path = resolved(location or "", within)
    if path is None:
        raise UnfitError("FORM", within)
    return path


def _descendants(root: Element, name: str) -> list[Element]:
    return [one for one in root.iter() if local(one) == name and one is not root]
