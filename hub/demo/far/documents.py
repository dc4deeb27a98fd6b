# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A licence as a document to be sealed: a PDF of one page (ISO 32000-1), or an OFD of one page (GB/T 33190)."""

import io
import zipfile
from collections.abc import Sequence

_WRITTEN = (2026, 1, 1, 0, 0, 0)
_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def pdf(words: str) -> bytes:
    """A page that says some words in ASCII."""
    shown = words.encode("ascii", "replace").replace(b"\\", b"/").replace(b"(", b"[").replace(b")", b"]")
    content = b"BT /F1 18 Tf 72 720 Td (" + shown + b") Tj ET"
    return _pdf(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        )
    )


def _pdf(objects: Sequence[bytes]) -> bytes:
    """Objects numbered from 1, the first the catalogue, with their table (ISO 32000-1, 7.5.4: rows of 20 bytes)."""
    made = bytearray(b"%PDF-1.7\n%\xe4\xb8\xad\xe6\x96\x87\n")
    table = [b"0000000000 65535 f \n"]
    for number, one in enumerate(objects, 1):
        table.append(b"%010d 00000 n \n" % len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    size, begins = len(table), len(made)
    made += b"xref\n0 %d\n%b" % (size, b"".join(table))
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, begins)
    return bytes(made)


def ofd(words: str) -> bytes:
    """A page with a line on it; the words are its identifier."""
    files = {
        "OFD.xml": f'<ofd:OFD {_NAMESPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:DocID>{words}'
        "</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_NAMESPACE}><ofd:CommonData><ofd:MaxUnitID>3</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>"
        '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page {_NAMESPACE}><ofd:Content><ofd:Layer ID="2"><ofd:PathObject ID="3" '
        'Boundary="20 20 100 1" LineWidth="0.5"><ofd:AbbreviatedData>M 0 0 L 100 0</ofd:AbbreviatedData>'
        "</ofd:PathObject></ofd:Layer></ofd:Content></ofd:Page>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for path, text in files.items():
            told = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'
            package.writestr(zipfile.ZipInfo(path, _WRITTEN), told, zipfile.ZIP_DEFLATED)
    return made.getvalue()
