# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A small PDF file of one page, and its sealing by pyHanko: PAdES with RSA or ECDSA, its forerunner with SM2."""

import io

from asn1crypto import keys, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from connectors.e_seal.sealing.authority import Algorithm, Holder

_FIELD = "Seal1"


def blank(size: int = 0) -> bytes:
    """A document of one empty page, with so many bytes of nothing in it."""
    writer = PdfFileWriter(stream_xrefs=False)
    content = writer.add_object(generic.StreamObject(stream_data=b"% nothing\n" + b"%" * size))
    page = PageObject(contents=content, media_box=(0, 0, 595, 842))
    writer.insert_page(page)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


async def seal_pdf(data: bytes, signer: Holder, root: bytes, algorithm: Algorithm, field: str = _FIELD) -> bytes:
    """The document with one signature more, of now. Raises whatever pyHanko raises for what is no PDF."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    is_sm2 = algorithm is Algorithm.SM2
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sm3" if is_sm2 else "sha256",
        subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED if is_sm2 else SigSeedSubFilter.PADES,
    )
    made = await PdfSigner(metadata, _signer(signer, root, algorithm)).async_sign_pdf(writer, output=io.BytesIO())
    made.seek(0)
    return bytes(made.read())


def _signer(holder: Holder, root: bytes, algorithm: Algorithm) -> Signer:
    store = SimpleCertificateStore()
    store.register(x509.Certificate.load(root))
    certificate = x509.Certificate.load(holder.certificate)
    if algorithm is Algorithm.SM2:
        return _Sm2Signer(holder, certificate, store)
    return SimpleSigner(
        signing_cert=certificate, signing_key=keys.PrivateKeyInfo.load(holder.key.private()), cert_registry=store
    )


class _Sm2Signer(Signer):
    """SM2 with SM3: the library asks for the signature of some bytes and knows no more."""

    def __init__(self, holder: Holder, certificate: x509.Certificate, store: SimpleCertificateStore) -> None:
        self._holder = holder
        super().__init__(
            signing_cert=certificate,
            cert_registry=store,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": holder.key.oid}),
            embed_roots=True,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002, FBT001  # because the library has it so
        """The signature of these bytes."""
        return self._holder.key.sign(data)
