# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Containers that must not pass, one rule each. A tamperer has no key; a dishonest hub has its own, and seals what it forged."""

import base64
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from certs.evidence.container import MANIFEST, SEAL, read, write
from certs.evidence.note import key_id, signed_note, text_of
from certs.evidence.roles import Role
from certs.evidence.structure import CASE, NOTE, README
from tests.certs.evidence.making import (
    HONEST,
    LOG,
    NOW,
    SECOND,
    Keys,
    Making,
    accepted,
    in_bytes,
    intl_key,
    outcome,
    refused,
    replayed,
    reworded,
    submission,
    trust_name,
)
from tests.certs.evidence.making import (
    MESSAGE as HONEST_MESSAGE,
)


@dataclass(frozen=True)
class Vector:
    """How it is made, and the code of the rule that it breaks."""

    make: Callable[[Keys], bytes]
    code: str


Change = Callable[[dict[str, bytes]], None]


def of_bytes(change: Callable[[bytes], bytes]) -> Callable[[Keys], bytes]:
    """A tamperer at the container's bytes."""
    return lambda keys: change(Making(keys).made())


def of_files(change: Change) -> Callable[[Keys], bytes]:
    """A tamperer at the files, who packs them well."""

    def made(keys: Keys) -> bytes:
        files = read(Making(keys).made())
        change(files)
        return write(files)

    return made


def sealed(**ways: Any) -> Callable[[Keys], bytes]:
    """A dishonest hub."""
    return lambda keys: Making(keys, **ways).made()


def said(*statements: Any) -> Callable[[Keys], bytes]:
    return sealed(statements=statements)


def put(name: str, content: bytes) -> Change:
    return lambda files: files.__setitem__(name, content)


def changed(name: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name], name
        files[name] = files[name].replace(old, new, 1)

    return change


def without(name: str) -> Change:
    return lambda files: files.__delitem__(name) if name in files else None


def row(n: int, **fields: Any) -> Callable[[list[dict[str, Any]]], Any]:
    def change(rows: list[dict[str, Any]]) -> Any:
        rows[n] |= fields
        return rows

    return change


def swapped(first: str, second: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[first], files[second] = files[second], files[first]

    return change


def submitted(**ways: Any) -> Callable[[Keys], bytes]:
    """A signed message, of which the statement says something else."""
    parts = ways.pop("parts", True)
    return lambda keys: Making(keys, statements=(HONEST[0], submission(keys.sender, **ways)), parts=parts).made()


def signature_changed(keys: Keys) -> bytes:
    """One bit of what the sender signed with."""
    made = base64.b64decode(orjson.loads(submission(keys.sender).body)["signature"])
    other = base64.b64encode(made[:-1] + bytes([made[-1] ^ 1])).decode()
    return submitted(signature=other)(keys)


def certificate_exchanged(keys: Keys) -> bytes:
    """A certificate of the same name and number over another key: the signature binds the true one."""
    stranger, true = intl_key(None), keys.sender.certificate
    forged = stranger.certificate.der.replace(bytes.fromhex(stranger.certificate.serial), bytes.fromhex(true.serial))
    return submitted(certificate=base64.b64encode(forged).decode())(keys)


def packed(compression: int = zipfile.ZIP_STORED, comment: bytes = b"", twice: str = "") -> Callable[[bytes], bytes]:
    """The same files by an ordinary ZIP writer."""

    def change(data: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.etsi.asic-e+zip")
            for name, content in read(data).items():
                archive.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
                if name == twice:
                    with warnings.catch_warnings(action="ignore"):
                        archive.writestr(zipfile.ZipInfo(name), content)
            archive.comment = comment
        return out.getvalue()

    return change


def receipt_of(old: bytes, new: bytes) -> Callable[[Keys], bytes]:
    return sealed(receipts=lambda made: [one.replace(old, new, 1) for one in made])


def noted(change: Callable[[bytes], bytes]) -> Callable[[Keys], bytes]:
    return sealed(note=change)


def forked(keys: Keys) -> bytes:
    """A checkpoint over another tree of the same size, by the true key."""

    def note(made: bytes) -> bytes:
        size = int(made.split(b"\n")[1])
        key = key_id(LOG, keys.log.certificate.spki, keys.log.suite.name)
        return signed_note(LOG, size, bytes(32), key, keys.log.sign)

    return Making(keys, note=note).made()


def other_log(keys: Keys) -> bytes:
    def note(made: bytes) -> bytes:
        root = base64.b64decode(made.split(b"\n")[2])
        key = key_id("govhub/other", keys.log.certificate.spki, keys.log.suite.name)
        return signed_note("govhub/other", int(made.split(b"\n")[1]), root, key, keys.log.sign)

    return Making(keys, note=note).made()


def moved_signature(made: bytes) -> bytes:
    """The signature of this note under a text with another size."""
    text, _, line = made.partition(b"\n\n")
    origin, _, root = text.split(b"\n")
    return text_of(origin.decode(), 99, base64.b64decode(root)) + b"\n" + line


def bit_of_note(made: bytes) -> bytes:
    head, _, line = made.rstrip(b"\n").rpartition(b" ")
    raw = bytearray(base64.b64decode(line))
    raw[-1] ^= 1
    return head + b" " + base64.b64encode(bytes(raw)) + b"\n"


def by_a_stranger(role: Role, way: str) -> Callable[[Keys], bytes]:
    """Signed by a key that is in the container and under no anchor."""

    def made(keys: Keys) -> bytes:
        stranger = intl_key(role)
        name = trust_name(role.name.lower(), stranger)
        ways: dict[str, Any] = {way: stranger}
        return Making(keys, files=put(name, stranger.certificate.der), **ways).made()

    return made


def roles_swapped(keys: Keys) -> bytes:
    """The log's key seals, and the other one signs the checkpoint."""

    def files(made: dict[str, bytes]) -> None:
        for signer, role in ((keys.log, "receipts"), (keys.receipts, "log")):
            made[trust_name(role, signer)] = signer.certificate.der
        made.pop(trust_name("receipts", keys.receipts))
        made.pop(trust_name("log", keys.log))

    return Making(keys, files=files, sealer=keys.log, noter=keys.receipts, sign=False).made()


def expired(keys: Keys) -> bytes:
    """A key whose certificate ran out long ago; a verifier has pinned its issuer's name in vain."""
    old = intl_key(Role.RECEIPTS, NOW - timedelta(days=4000))
    return Making(Keys(old, keys.log)).made()


def seal_of_another(keys: Keys) -> bytes:
    files = read(Making(keys).made())
    files[SEAL] = read(Making(keys, noise=1).made())[SEAL]
    return write(files)


def signed_first(keys: Keys) -> bytes:
    return Making(keys, statements=(submission(keys.sender), HONEST[0])).made()


ACCEPTED, DONE = HONEST[0], HONEST[1]
FIRST, OUTCOME, TICKET = "evidence/0001-accepted.json", "evidence/0002-delivered.json", "receipts/0001.json"
DEAD = outcome(positive=False)

VECTORS: dict[str, Vector] = {
    # the container's form
    "empty": Vector(of_bytes(lambda _: b""), "CONTAINER_FORM"),
    "no zip": Vector(of_bytes(lambda data: b"x" * len(data)), "CONTAINER_FORM"),
    "a byte behind": Vector(of_bytes(lambda data: data + b"\0"), "CONTAINER_FORM"),
    "a byte in front": Vector(of_bytes(lambda data: b"\0" + data), "CONTAINER_FORM"),
    "cut off": Vector(of_bytes(lambda data: data[:-1]), "CONTAINER_FORM"),
    "half of it": Vector(of_bytes(lambda data: data[: len(data) // 2]), "CONTAINER_FORM"),
    "two in one": Vector(of_bytes(lambda data: data + data), "CONTAINER_FORM"),
    "another writer": Vector(of_bytes(packed()), "CONTAINER_FORM"),
    "compressed": Vector(of_bytes(packed(zipfile.ZIP_DEFLATED)), "CONTAINER_FORM"),
    "a comment": Vector(of_bytes(packed(comment=b"hello")), "CONTAINER_FORM"),
    "an entry twice": Vector(of_bytes(packed(twice=CASE)), "CONTAINER_FORM"),
    "another date": Vector(
        of_bytes(lambda data: data.replace(struct.pack("<HH", 0, 0x21), b"\0\0\x22\0", 1)), "CONTAINER_FORM"
    ),
    "another type": Vector(of_bytes(lambda data: data.replace(b"asic-e+zip", b"asic-s+zip")), "CONTAINER_FORM"),
    "a name up and out": Vector(of_files(put("../evil", b"")), "CONTAINER_FORM"),
    "a name from the root": Vector(of_files(put("/etc/passwd", b"")), "CONTAINER_FORM"),
    "a name with a blank": Vector(of_files(put("case .json", b"")), "CONTAINER_FORM"),
    # files and the manifest
    "a file too many": Vector(of_files(put("parts/extra.bin", b"")), "NAME_UNKNOWN"),
    "a file too many, sealed": Vector(sealed(files=put("parts/extra.bin", b"")), "NAME_UNKNOWN"),
    "a script, sealed": Vector(sealed(files=put("verify.sh", b"exit 0")), "NAME_UNKNOWN"),
    "no case": Vector(of_files(without(CASE)), "FILE_MISSING"),
    "no seal": Vector(of_files(without(SEAL)), "FILE_MISSING"),
    "no manifest": Vector(of_files(without(MANIFEST)), "FILE_MISSING"),
    "no checkpoint, sealed": Vector(sealed(files=without(NOTE)), "FILE_MISSING"),
    "a statement taken out": Vector(of_files(without(OUTCOME)), "MANIFEST_DIFFERS"),
    "a statement taken out, sealed": Vector(sealed(files=without(OUTCOME)), "FILE_MISSING"),
    "a statement edited": Vector(of_files(changed(OUTCOME, b"delivered", b"deliverex")), "MANIFEST_DIFFERS"),
    "another readme": Vector(of_files(put(README, b"trust me\n")), "MANIFEST_DIFFERS"),
    "a manifest in other words": Vector(
        sealed(manifest=lambda made: made.replace(b'"/>\n', b'" />\n', 1)), "MANIFEST_DIFFERS"
    ),
    "a manifest with a comment": Vector(sealed(manifest=lambda made: made + b"<!-- -->\n"), "MANIFEST_DIFFERS"),
    "receipts swapped": Vector(of_files(swapped(TICKET, "receipts/0007.json")), "MANIFEST_DIFFERS"),
    # the seal
    "the seal of another container": Vector(seal_of_another, "SEAL_FORM"),
    "a seal with a byte behind": Vector(sealed(seal=lambda made: made + b"\0"), "SEAL_FORM"),
    "an empty seal": Vector(sealed(seal=lambda _: b""), "SEAL_FORM"),
    "a seal with a bit changed in its signature": Vector(
        sealed(seal=lambda made: made[:-1] + bytes([made[-1] ^ 1])), "SIGNATURE"
    ),
    "sealed by a stranger": Vector(by_a_stranger(Role.RECEIPTS, "sealer"), "UNTRUSTED"),
    "the parts of the keys swapped": Vector(roles_swapped, "KEY_ROLE"),
    "one key for both": Vector(lambda keys: Making(Keys(keys.receipts, keys.receipts)).made(), "KEY_SHARED"),
    "an old certificate": Vector(expired, "UNTRUSTED"),
    "a certificate under another name": Vector(
        sealed(files=put("trust/issuer-0000000000000000.crt", b"\x30\x00")), "CERTIFICATE_FORM"
    ),
    # what describes the case
    "a case with a field too many": Vector(sealed(case={"x": "y"}), "CASE_FORM"),
    "a case of another version": Vector(sealed(case={"v": 2}), "CASE_FORM"),
    "stamps that are not there": Vector(sealed(case={"stamps": "present"}), "CASE_FORM"),
    "a stamp that is awaited": Vector(sealed(case={"stamps": "pending"}), "TIMESTAMP_PENDING"),
    "a stamp that is none": Vector(sealed(stamps=lambda _note: [b"\x30\x00"]), "TIMESTAMP"),
    "a case with blanks": Vector(sealed(files=changed(CASE, b'{"', b'{ "')), "JSON_FORM"),
    "a key twice": Vector(sealed(files=changed(CASE, b'"v":1', b'"v":1,"v":1')), "JSON_FORM"),
    "a float": Vector(sealed(files=changed(CASE, b'"v":1', b'"v":1.0')), "JSON_FORM"),
    "not a number": Vector(sealed(files=changed(CASE, b'"v":1', b'"v":NaN')), "JSON_FORM"),
    "not UTF-8": Vector(sealed(files=put(CASE, b'{"case":"\xff"}\n')), "JSON_FORM"),
    "the case of somebody else": Vector(sealed(case={"case": "BJ-2026-2"}), "CASE_FOREIGN"),
    "another hub": Vector(sealed(case={"hub": "hub-2"}), "CASE_FOREIGN"),
    # the list of leaves
    "no leaves": Vector(sealed(leaves=lambda _: []), "LEAVES_FORM"),
    "leaves out of order": Vector(sealed(leaves=lambda rows: [rows[1], rows[0], *rows[2:]]), "LEAVES_FORM"),
    "an index beyond the log": Vector(sealed(leaves=row(6, index=10_000)), "LEAVES_FORM"),
    "a negative index": Vector(sealed(leaves=row(0, index=-1)), "LEAVES_FORM"),
    "an index that is true": Vector(sealed(leaves=row(0, index=True)), "LEAVES_FORM"),
    "a leaf not listed": Vector(sealed(leaves=lambda rows: rows[:-1], parts=False), "STATEMENT_UNLISTED"),
    "a leaf in another place": Vector(sealed(leaves=row(0, index=1)), "INCLUSION"),
    "no path": Vector(sealed(leaves=row(0, path=[])), "INCLUSION"),
    "a path with a step too many": Vector(
        sealed(leaves=lambda rows: [rows[0] | {"path": [*rows[0]["path"], "00" * 32]}, *rows[1:]]), "INCLUSION"
    ),
    "the path of another leaf": Vector(
        sealed(leaves=lambda rows: [rows[0] | {"path": rows[1]["path"]}, *rows[1:]]), "INCLUSION"
    ),
    "another hash": Vector(sealed(leaves=row(1, leaf="00" * 32)), "LEAF_DIFFERS"),
    "a receipt for an outcome": Vector(sealed(leaves=row(1, receipt=TICKET)), "LEAVES_FORM"),
    "a receipt withheld": Vector(sealed(leaves=row(0, receipt=None), files=without(TICKET)), "RECEIPT_WITHHELD"),
    # statements
    "a statement of no kind": Vector(said(ACCEPTED, in_bytes(DONE, DONE.body, "rumour")), "KIND_UNKNOWN"),
    "a submission read as a receipt": Vector(said(in_bytes(DONE, DONE.body, "accepted")), "KIND_DIFFERS"),
    "a statement of another version": Vector(said(reworded(ACCEPTED, v=3)), "STATEMENT_FORM"),
    "a statement with a field too many": Vector(said(reworded(ACCEPTED, critical="x")), "STATEMENT_FORM"),
    "a statement with a field too few": Vector(said(reworded(ACCEPTED, case=None)), "STATEMENT_FORM"),
    "an attempt that is no number": Vector(said(ACCEPTED, reworded(DONE, attempt="1")), "STATEMENT_FORM"),
    "a time in another zone": Vector(
        said(reworded(ACCEPTED, acceptedAt="2026-03-02T01:05:00+08:00")), "STATEMENT_FORM"
    ),
    "a time that cannot be": Vector(said(reworded(ACCEPTED, acceptedAt="2026-13-41T25:61:61Z")), "STATEMENT_FORM"),
    "a statement that is no JSON": Vector(said(in_bytes(ACCEPTED, b"{")), "JSON_FORM"),
    "a statement with a key twice": Vector(
        said(in_bytes(ACCEPTED, ACCEPTED.body.replace(b'"v":2', b'"v":2,"v":2'))), "JSON_FORM"
    ),
    "a statement that is a list": Vector(said(in_bytes(ACCEPTED, b"[]")), "STATEMENT_FORM"),
    # receipts
    "a receipt for other content": Vector(receipt_of(b'"digest":"sha256:', b'"digest":"sha256:0000'), "RECEIPT_FORM"),
    "a digest that was exchanged": Vector(
        sealed(receipts=lambda made: [one.replace(one.split(b'"digest":"sha256:')[1][:4], b"0000", 1) for one in made]),
        "COMMITMENT",
    ),
    "a salt in capitals": Vector(receipt_of(b'"salt":"000102', b'"salt":"00010A'), "RECEIPT_FORM"),
    "another leaf in the receipt": Vector(
        sealed(receipts=lambda made: [one.replace(one.split(b'"leaf":"sha256:')[1][:4], b"0000", 1) for one in made]),
        "RECEIPT_DIFFERS",
    ),
    "the receipt of another statement": Vector(sealed(receipts=lambda made: made[::-1]), "RECEIPT_DIFFERS"),
    "a receipt with a field too many": Vector(receipt_of(b',"signature"', b',"x":1,"signature"'), "RECEIPT_FORM"),
    "a receipt with blanks": Vector(receipt_of(b',"signature"', b', "signature"'), "RECEIPT_FORM"),
    "a receipt with a byte behind": Vector(sealed(receipts=lambda made: [one + b" " for one in made]), "RECEIPT_FORM"),
    "a receipt without a signature": Vector(sealed(sign=False), "RECEIPT_UNSIGNED"),
    "a signature of another suite": Vector(receipt_of(b'"suite":"intl-1"', b'"suite":"gm-1"'), "KEY_UNKNOWN"),
    "a signature of no suite": Vector(receipt_of(b'"suite":"intl-1"', b'"suite":"none"'), "RECEIPT_FORM"),
    "a signature by a key that is not there": Vector(
        sealed(receipts=lambda made: [one.replace(one.split(b'"key":"sha256:')[1][:64], b"0" * 64, 1) for one in made]),
        "KEY_UNKNOWN",
    ),
    "a path that is too short": Vector(
        sealed(receipts=lambda made: [one[: one.index(b'"path":[')] + b'"path":[]}}' for one in made]), "RECEIPT_PATH"
    ),
    "an index in the wrong place": Vector(receipt_of(b'"index":0', b'"index":1'), "SIGNATURE"),
    "a signature over another root": Vector(
        sealed(
            receipts=lambda made: [one[: one.index(b'"path":["')] + b'"path":["' + b"00" * 32 + b'"]}}' for one in made]
        ),
        "SIGNATURE",
    ),
    # what the sender signed
    "a part that is not what was signed": Vector(sealed(files=put("parts/0008.bin", b"other content")), "PART_DIFFERS"),
    "a part of a message that nobody signed": Vector(sealed(files=put("parts/0001.bin", b"content")), "PART_UNLISTED"),
    "a sender's signature with a bit changed": Vector(signature_changed, "SIGNATURE"),
    "a sender's signature over other bytes": Vector(
        submitted(digest="sha256:" + "00" * 32, parts=False), "SUBMISSION_FORM"
    ),
    "a digest of no suite": Vector(submitted(digest="md5:" + "00" * 16, parts=False), "STATEMENT_FORM"),
    "a digest of the other suite": Vector(submitted(suite="gm-1", parts=False), "STATEMENT_FORM"),
    "a sender's signature of another suite": Vector(
        submitted(suite="gm-1", digest="sm3:" + "00" * 32, parts=False), "SUBMISSION_FORM"
    ),
    "a sender's signature that is none": Vector(submitted(signature="AAAA"), "SUBMISSION_FORM"),
    "a sender's signature that is no Base64": Vector(submitted(signature="A"), "STATEMENT_FORM"),
    "a sender's signature with a byte behind": Vector(
        lambda keys: submitted(
            signature=base64.b64encode(
                base64.b64decode(orjson.loads(submission(keys.sender).body)["signature"]) + b"\0"
            ).decode()
        )(keys),
        "SUBMISSION_FORM",
    ),
    "a sender's certificate that is none": Vector(submitted(certificate="MAA="), "SUBMISSION_FORM"),
    "a sender's certificate that was exchanged": Vector(certificate_exchanged, "SUBMISSION_FORM"),
    "the signature of another sender": Vector(submitted(system="police"), "SUBMISSION_FOREIGN"),
    "the signature of another message": Vector(submitted(id="m-2"), "SUBMISSION_FOREIGN"),
    "a signature without its acceptance": Vector(
        lambda keys: Making(keys, statements=(submission(keys.sender),)).made(), "CONTRADICTION"
    ),
    # the checkpoint
    "a note that is none": Vector(noted(lambda _: b"hello\n"), "CHECKPOINT_FORM"),
    "a note with a line too many": Vector(noted(lambda made: made + b"\n"), "CHECKPOINT_FORM"),
    "a note without a signature": Vector(noted(lambda made: made.partition(b"\n\n")[0] + b"\n\n"), "CHECKPOINT_FORM"),
    "a note of another log": Vector(other_log, "LOG_FOREIGN"),
    "a note over another tree": Vector(forked, "INCLUSION"),
    "a note with a forged size": Vector(noted(moved_signature), "INCLUSION"),
    "a note with a bit changed in its signature": Vector(noted(bit_of_note), "SIGNATURE"),
    "a note by a stranger": Vector(by_a_stranger(Role.LOG, "noter"), "UNTRUSTED"),
    "a note by a key that is not there": Vector(
        lambda keys: Making(keys, noter=intl_key(Role.LOG)).made(), "CHECKPOINT_KEY"
    ),
    # what cannot be true together
    "delivered, and then not": Vector(said(ACCEPTED, DONE, DEAD), "CONTRADICTION"),
    "delivered twice": Vector(said(ACCEPTED, DONE, DONE), "CONTRADICTION"),
    "not delivered, and then delivered": Vector(said(ACCEPTED, DEAD, DONE), "CONTRADICTION"),
    "expired, and then delivered by a word": Vector(
        said(ACCEPTED, outcome(positive=False, state="expired"), outcome(positive=True, by="keeper")), "CONTRADICTION"
    ),
    "accepted twice": Vector(said(ACCEPTED, reworded(ACCEPTED, id="m-2")), "CONTRADICTION"),
    "an outcome of nothing": Vector(said(ACCEPTED, outcome(positive=True, message=SECOND)), "CONTRADICTION"),
    "an outcome before its acceptance": Vector(said(DONE, ACCEPTED), "ORDER"),
    "accepted and refused": Vector(said(ACCEPTED, refused(HONEST_MESSAGE)), "CONTRADICTION"),
    "refused twice": Vector(said(refused(), refused()), "CONTRADICTION"),
    "a refusal and then an outcome": Vector(said(refused(), outcome(positive=True, message=SECOND)), "CONTRADICTION"),
    "a refusal of other content": Vector(said(refused(commitment="sha256:" + "00" * 32)), "COMMITMENT"),
    "a refusal without a reason": Vector(said(refused(code=None)), "STATEMENT_FORM"),
    "a refusal read as an acceptance": Vector(said(in_bytes(refused(), refused().body, "accepted")), "KIND_DIFFERS"),
    "a refusal of another hub": Vector(said(refused(hub="hub-9")), "CASE_FOREIGN"),
    "a message of another case": Vector(said(ACCEPTED, accepted(SECOND, case="BJ-2026-9")), "CASE_FOREIGN"),
    "a statement of another hub": Vector(said(accepted(hub="hub-9")), "CASE_FOREIGN"),
}

GOOD: dict[str, Callable[[Keys], bytes]] = {
    "replayed": said(ACCEPTED, DEAD, replayed(), DONE),
    "resolved by an operator": said(ACCEPTED, DEAD, outcome(positive=True, by="keeper")),
    "one leaf": said(ACCEPTED),
    "refused": said(refused()),
    "refused, and another accepted": said(ACCEPTED, refused()),
    "signed, and its message withheld": submitted(parts=False),
    "signed before it was accepted": signed_first,
}
"""What looks like some of these and is sound."""
