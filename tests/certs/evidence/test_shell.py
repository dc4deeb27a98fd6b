# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The shell verifier reaches the verdict of the other one, with nothing on its PATH but openssl, Python and the usual tools."""

import base64
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from certs.evidence.container import SEAL, read, write
from certs.evidence.findings import EXIT, Verdict
from certs.evidence.roles import Role
from certs.evidence.script import HELPER, SCRIPT, shell_verifier
from certs.evidence.structure import judge
from certs.evidence.tasks import _ROLES
from certs.evidence.timestamping import request
from certs.evidence.verify import verify
from certs.x509.certificate import Certificate
from hub.ports.clock import SystemClock
from tests.certs.evidence.making import HONEST, NOW, Keys, Making, accepted, gm_key, intl_key, pem, reworded, submission
from tests.certs.evidence.vectors import GOOD, VECTORS
from tests.support.missing import missing
from tests.support.tsa import Tsa

TOOLS = ("sh", "sed", "grep", "sort", "head", "cat", "date", "mktemp", "rm", "dirname", "openssl")
FLIPS = int(os.environ.get("GOVHUB_EVIDENCE_FLIPS", "40"))
"""How many bytes are changed for the shell verifier; ``make evidence-flips`` changes every one."""
SEED = int(os.environ.get("GOVHUB_EVIDENCE_SEED", "0")) or secrets.randbelow(2**32)
"""Which of them: others in every run."""

Shell = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(intl_key(Role.RECEIPTS), intl_key(Role.LOG))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    folder = tmp_path_factory.mktemp("shell")
    for name, content in shell_verifier().items():
        (folder / name).write_bytes(content)
    tools = folder / "tools"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found is None:
            missing(f"install {tool}")
        (tools / tool).symlink_to(str(found))
    # The interpreter itself, not the environment that the tests run in: no package is to be had.
    (tools / "python3").symlink_to(Path(sys.executable).resolve())

    def run(data: bytes, anchors: tuple[Certificate, ...], at: int, *words: str) -> tuple[int, str]:
        (folder / "file.asice").write_bytes(data)
        (folder / "anchors.pem").write_bytes(b"".join(pem(one) for one in anchors))
        done = subprocess.run(
            [tools / "sh", folder / SCRIPT, *words, folder / "file.asice", folder / "anchors.pem", str(at)],
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize("name", [*VECTORS, *GOOD])
def test_it_reaches_the_same_verdict(keys: Keys, shell: Shell, name: str) -> None:
    data = VECTORS[name].make(keys) if name in VECTORS else GOOD[name](keys)
    expected = verify(data, keys.anchors, NOW).verdict
    code, told = shell(data, keys.anchors, SECONDS)
    assert told.splitlines()[-1] == expected.value, told
    assert code == EXIT[expected]
    if name in VECTORS:
        assert expected is not Verdict.PASSED
        reasons = {line.split()[1] for line in told.splitlines()[:-1] if line.startswith(f"{expected.value} ")}
        assert reasons == {VECTORS[name].code}, "for its own reason, and for no other"


def test_an_honest_container_passes(keys: Keys, shell: Shell) -> None:
    assert shell(Making(keys).made(), keys.anchors, SECONDS)[0] == 0


def test_one_of_gm_1_passes_and_a_forged_one_does_not(shell: Shell, tmp_path: Path) -> None:
    keys = Keys(gm_key(Role.RECEIPTS, tmp_path), gm_key(Role.LOG, tmp_path), gm_key(None, tmp_path))
    now = keys.log.certificate.not_before + timedelta(hours=1)
    at = int(now.timestamp())
    assert shell(Making(keys).made(), keys.anchors, at)[0] == 0
    bare = submission(keys.sender, bare=True)
    assert shell(Making(keys, statements=(accepted(), bare)).made(), keys.anchors, at)[0] == 0
    code, told = shell(Making(keys, statements=(accepted(), bare), parts=False).made(), keys.anchors, at)
    assert (code, "SUBMISSION_UNSEEN" in told) == (0, True), told
    other = base64.b64encode(keys.sender.sign(b"other")).decode()
    for making in (
        Making(keys, seal=lambda made: made[:-1] + bytes([made[-1] ^ 1])),
        Making(keys, receipts=lambda made: [one.replace(b'"index":0', b'"index":1') for one in made]),
        Making(keys, statements=(accepted(), submission(keys.sender, bare=True, signature=other))),
    ):
        assert verify(making.made(), keys.anchors, now).verdict is Verdict.FAILED
        code, told = shell(making.made(), keys.anchors, at)
        assert (code, "SIGNATURE" in told) == (1, True), told


def test_nothing_is_believed_without_the_right_anchors(keys: Keys, shell: Shell) -> None:
    others = Keys(intl_key(Role.RECEIPTS), intl_key(Role.LOG))
    for anchors, code in (((), "NO_ANCHOR"), (others.anchors, "UNTRUSTED")):
        status, told = shell(Making(keys).made(), anchors, SECONDS)
        assert status == EXIT[verify(Making(keys).made(), anchors, NOW).verdict] == 2
        assert code in told


def test_a_certificate_counts_while_it_is_valid(keys: Keys, shell: Shell) -> None:
    late = SECONDS + 9999 * 86_400
    status, told = shell(Making(keys).made(), keys.anchors, late)
    assert (status, "CERTIFICATE_TIME" in told) == (1, True)


@pytest.mark.timeout(24 * 3600 if FLIPS > 1000 else 240)
def test_no_single_byte_may_be_another(keys: Keys, shell: Shell) -> None:
    """A sample of those that the other verifier is shown whole; all of them where it is asked for."""
    whole = Making(keys).made()
    assert len(whole) <= 32 * 1024
    if FLIPS > 1000:
        progress(0, len(whole))
    chosen = sorted(range(len(whole)), key=lambda at: hashlib.sha256(b"%d %d" % (SEED, at)).digest())[:FLIPS]
    for n, at in enumerate(sorted(chosen), start=1):
        code, told = shell(flipped(whole, at), keys.anchors, SECONDS)
        assert (code, told.splitlines()[-1]) == (1, "FAILED"), f"byte {at}, seed {SEED}: {told}"
        if FLIPS > 1000 and n % 500 == 0:
            progress(n, len(whole))


def fails(data: bytes) -> bool:
    """Whether the helper alone says so; then the script does, whatever it finds besides."""
    return any(one.verdict is Verdict.FAILED for one in judge(data).findings)


def flipped(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 0x01
    return bytes(changed)


@pytest.mark.timeout(240)
def test_every_byte_is_seen_by_the_helper_or_else_by_openssl(keys: Keys, shell: Shell) -> None:
    """All bytes, where the script itself has only time for a sample. Who mends the ZIP around a byte is left with the seal."""
    whole = Making(keys).made()
    assert all(fails(flipped(whole, at)) for at in range(len(whole)))
    files = read(whole)
    mended = {at: write(files | {SEAL: flipped(files[SEAL], at)}) for at in range(len(files[SEAL]))}
    left = [at for at, data in mended.items() if not fails(data)]
    assert 50 < len(left) < 80, "the numbers of its signature"
    for at in left[::4]:
        code, told = shell(mended[at], keys.anchors, SECONDS)
        assert (code, told.splitlines()[-1]) == (1, "FAILED"), f"byte {at} of the seal: {told}"


def progress(done: int, of: int) -> None:
    print(f"{done} / {of}", file=sys.__stderr__, flush=True)


def test_a_sender_is_judged_at_the_moment_of_its_message(keys: Keys, shell: Shell) -> None:
    mine = (*keys.anchors, keys.sender.certificate)
    good = Making(keys).made()
    early = Making(keys, statements=(accepted(), submission(keys.sender, receivedAt="2001-01-01T00:00:00Z"))).made()
    for data, anchors, untrusted in ((good, mine, False), (good, keys.anchors, True), (early, mine, True)):
        result = verify(data, anchors, NOW)
        code, told = shell(data, anchors, SECONDS)
        assert code == EXIT[result.verdict] == 0
        assert ("SENDER_UNTRUSTED" in told) is untrusted, told
        assert ("SENDER_UNTRUSTED" in {one.code for one in result.findings}) is untrusted


def test_a_strict_verifier_lets_nothing_pass_that_only_the_hub_vouches_for(keys: Keys, shell: Shell) -> None:
    code, told = shell(Making(keys).made(), keys.anchors, SECONDS, "--strict")
    assert (code, told.splitlines()[-1]) == (2, "INDETERMINATE"), told
    assert shell(Making(keys).made() + b"x", keys.anchors, SECONDS, "--strict")[0] == 1


def test_a_helper_that_was_changed_is_not_run(keys: Keys, tmp_path: Path) -> None:
    for name, content in shell_verifier().items():
        (tmp_path / name).write_bytes(content + (b"x" if name == HELPER else b""))
    (tmp_path / "file").write_bytes(Making(keys).made())
    done = subprocess.run(
        ["sh", tmp_path / SCRIPT, tmp_path / "file", tmp_path / "file"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (64, b"")


def test_wrongly_asked_it_says_how(tmp_path: Path) -> None:
    for name, content in shell_verifier().items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(["sh", tmp_path / SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 64
    assert "sh verify.sh" in done.stderr
    gone = subprocess.run(["sh", tmp_path / SCRIPT, tmp_path / "no", tmp_path / "no"], capture_output=True, check=False)
    assert gone.returncode == 64


def test_the_parts_are_named_alike_in_both() -> None:
    assert {role.name.lower(): role.value for role in Role} == _ROLES
    assert shell_verifier() == shell_verifier()


def stamping(tsa: Tsa, content: bytes | None = None) -> Callable[[bytes], list[bytes]]:
    """Stamps over the note, or over something else."""
    return lambda note: [tsa.token(request(note if content is None else content, 1))]


def test_stamps_are_judged_alike(shell: Shell, tmp_path: Path) -> None:
    now = SystemClock().now()
    keys = Keys(intl_key(Role.RECEIPTS, now), intl_key(Role.LOG, now))
    tsa, stranger = Tsa(tmp_path / "a").prepare(), Tsa(tmp_path / "b").prepare()
    anchors = (*keys.anchors, *tsa.anchors)
    later = [reworded(HONEST[0], acceptedAt="2036-01-01T00:00:00Z")]
    for making, at, code, verdict in (
        (Making(keys, stamps=stamping(tsa)), now, "", Verdict.PASSED),
        (Making(keys, stamps=stamping(tsa)), now + timedelta(days=9999), "", Verdict.PASSED),
        (Making(keys, stamps=stamping(tsa, b"other")), now, "TIMESTAMP", Verdict.FAILED),
        (Making(keys, stamps=stamping(stranger)), now, "TIMESTAMP_UNTRUSTED", Verdict.INDETERMINATE),
        (Making(keys, stamps=stamping(tsa)), now - timedelta(days=1), "TIMESTAMP", Verdict.FAILED),
        (Making(keys, stamps=stamping(tsa), statements=later), now, "TIMESTAMP_EARLY", Verdict.FAILED),
    ):
        data = making.made()
        result = verify(data, anchors, at)
        assert result.verdict is verdict, result.findings
        status, told = shell(data, anchors, int(at.timestamp()))
        assert (status, told.splitlines()[-1]) == (EXIT[verdict], verdict.value), told
        assert code in told
        assert code in {"", *(one.code for one in result.findings)}
