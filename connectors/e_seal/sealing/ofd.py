# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A small OFD file of one page, and its sealing: a Signature.xml with a reference for every file, and the signature over it."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

from connectors.e_seal.sealing.authority import Holder
from connectors.e_seal.sealing.seals import make_signature

_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SM3 = "1.2.156.10197.1.401"
_SM2_WITH_SM3 = "1.2.156.10197.1.501"
_WRITTEN = (2026, 1, 1, 0, 0, 0)
FOLDER = "Doc_0/Signs/"
LIST = f"{FOLDER}Signatures.xml"
DOCUMENT = f"{FOLDER}Sign_0/Signature.xml"
VALUE = f"{FOLDER}Sign_0/SignedValue.dat"
SEAL = f"{FOLDER}Sign_0/Seal.esl"
PAGE = "Doc_0/Pages/Page_0/Content.xml"


def blank() -> dict[str, bytes]:
    """The files of an OFD document of one page, not sealed yet."""
    return {
        "OFD.xml": _xml(
            f'<ofd:OFD {_NAMESPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:DocID>'
            f"{'0' * 32}</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
            "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
        ),
        "Doc_0/Document.xml": _xml(
            f"<ofd:Document {_NAMESPACE}><ofd:CommonData><ofd:MaxUnitID>3</ofd:MaxUnitID><ofd:PageArea>"
            "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>"
            '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
        ),
        PAGE: _xml(
            f'<ofd:Page {_NAMESPACE}><ofd:Content><ofd:Layer ID="2"><ofd:PathObject ID="3" Boundary="20 20 100 1" '
            'LineWidth="0.5"><ofd:AbbreviatedData>M 0 0 L 100 0</ofd:AbbreviatedData></ofd:PathObject></ofd:Layer>'
            "</ofd:Content></ofd:Page>"
        ),
    }


def seal_ofd(
    files: Mapping[str, bytes], version: int, seal: bytes, signer: Holder, moment: datetime
) -> dict[str, bytes]:
    """The same files and those of one signature, that covers all of them."""
    references = "".join(
        f'<ofd:Reference FileRef="/{path}"><ofd:CheckValue>{_digest(content)}</ofd:CheckValue></ofd:Reference>'
        for path, content in sorted(files.items())
    )
    document = _xml(
        f'<ofd:Signature {_NAMESPACE}><ofd:SignedInfo><ofd:Provider ProviderName="govhub" Version="1.0" Company="test"/>'
        f"<ofd:SignatureMethod>{_SM2_WITH_SM3}</ofd:SignatureMethod><ofd:SignatureDateTime>"
        f'{moment:%Y%m%d%H%M%SZ}</ofd:SignatureDateTime><ofd:References CheckMethod="{_SM3}">{references}'
        '</ofd:References><ofd:StampAnnot ID="1" PageRef="1" Boundary="150 240 40 40"/><ofd:Seal><ofd:BaseLoc>'
        "Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    )
    listed = _xml(
        f"<ofd:Signatures {_NAMESPACE}><ofd:MaxSignId>1</ofd:MaxSignId>"
        '<ofd:Signature ID="1" Type="Seal" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'
    )
    value = make_signature(version, seal, signer, document, moment, f"/{DOCUMENT}")
    return {**files, LIST: listed, DOCUMENT: document, VALUE: value, SEAL: seal}


def packed(files: Mapping[str, bytes]) -> bytes:
    """The package; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            package.writestr(zipfile.ZipInfo(path, _WRITTEN), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a package of our own. Raises ``zipfile.BadZipFile`` for anything else."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {one.filename: package.read(one) for one in package.infolist() if not one.is_dir()}


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.new("sm3", content).digest()).decode()


def _xml(text: str) -> bytes:
    return (_HEAD + text).encode()
