# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a deployment: what is wrong is told with file, line, column and remedy, all at once, never as a traceback."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.rest import CONNECTOR
from contracts.fault import Fault
from hub.config.load import Loaded, load_deployment, resolve_secret

DIGEST = "sha256:" + "0a" * 32
GOOD = f"""\
hub:
  name: hub-1
  listen: 127.0.0.1:0
systems:
  portal:
    keys: [{DIGEST}]
    sends: ["*"]
  housing:
    sends: [cn.gov.acceptance.decided]
destinations:
  housing:
    system: housing
    connector: rest
    settings:
      url: http://127.0.0.1:9/cases
  counter:
    system: housing
    connector: mailbox
"""
MAILBOX = "connector: mailbox"
COUNTER, HOUSING = "destinations.counter", "destinations.housing"
ROUTES = """\
version: 1
routes:
  - name: all
    when: {contract: cn.gov.process.step}
    to: [housing, counter]
purposes: {handling: {fields: all}}
destinations: {housing: handling, counter: handling}
"""


class Desk:
    """A folder in which a person writes a deployment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "govhub.yaml"
        self.write(GOOD)
        (folder / "routes.yaml").write_text(ROUTES, encoding="utf-8")

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def swap(self, old: str, new: str) -> None:
        assert GOOD.count(old) >= 1, old
        self.write(GOOD.replace(old, new, 1))

    def load(self, environment: Mapping[str, str] | None = None) -> Loaded | tuple[Fault, ...]:
        return load_deployment(self.file, environment or {})

    def faults(self, environment: Mapping[str, str] | None = None) -> list[str]:
        """What a person is told, with the folder's name left out."""
        loaded = self.load(environment)
        assert isinstance(loaded, tuple), "it loads"
        for fault in loaded:
            assert fault.at.line >= 1
            assert fault.at.column >= 1
            assert all((*fault.problem, *fault.remedy)), "both languages, both parts"
        return [str(fault).replace(f"{self.folder}/", "") for fault in loaded]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestGood:
    def test_everything_it_names_is_read(self, desk: Desk) -> None:
        loaded = desk.load()
        assert isinstance(loaded, Loaded), loaded
        assert list(loaded.endpoints) == ["housing", "counter"]
        rest = loaded.endpoints["housing"]
        assert (rest.connector, rest.promises.kind) == (CONNECTOR, "rest")
        assert rest.reference == "connectors.rest:CONNECTOR"
        assert loaded.deployment.hub.listen == "127.0.0.1:0"
        assert [rule.name for rule in loaded.table.rules] == ["all"]
        assert loaded.warnings == ()

    def test_paths_are_relative_to_the_file(self, desk: Desk) -> None:
        loaded = desk.load()
        assert isinstance(loaded, Loaded)
        assert loaded.path("var/x") == (desk.folder / "var/x").resolve()

    def test_warnings_of_the_routes_do_not_stop_it(self, desk: Desk) -> None:
        (desk.folder / "routes.yaml").write_text("version: 1\nroutes: []\n", encoding="utf-8")
        loaded = desk.load()
        assert isinstance(loaded, Loaded)
        assert [fault.code for fault in loaded.warnings] == ["W_ROUTE_NONE"]

    @pytest.mark.parametrize("listen", ["0.0.0.0:8480", "[::1]:0", "localhost:65535", "hub.example.gov.cn:80"])
    def test_addresses_to_listen_on(self, desk: Desk, listen: str) -> None:
        desk.swap("127.0.0.1:0", f'"{listen}"')
        assert isinstance(desk.load(), Loaded)

    @pytest.mark.parametrize(
        ("line", "environment"),
        [
            ("journal: postgresql://hub@db.example/govhub", {}),
            ("journal: postgres://db.example", {}),
            ("journal: env:DB", {"DB": "postgresql://db.example/x"}),
            ("bus: amqps://broker.example/%2f", {}),
            ("bus: env:BUS", {"BUS": "memory"}),
            ("secrets: {token: 'env:TOKEN'}", {"TOKEN": "made-up"}),
        ],
    )
    def test_addresses_and_secrets_from_elsewhere(self, desk: Desk, line: str, environment: dict[str, str]) -> None:
        desk.write(f"{GOOD}{line}\n")
        assert isinstance(desk.load(environment), Loaded)


class TestGolden:
    """The words themselves, since people read them at night."""

    def test_no_file(self, desk: Desk) -> None:
        desk.file.unlink()
        assert desk.faults() == [
            (
                "govhub.yaml:1:1: E_FILE_MISSING 文件不存在。请检查路径，或新建该文件。\n"
                "    The file does not exist. Check the path, or create the file."
            )
        ]

    def test_not_yaml(self, desk: Desk) -> None:
        desk.write("hub:\n\tname: hub-1\n")
        (fault,) = desk.faults()
        assert fault.startswith("govhub.yaml:2:1: E_YAML_SYNTAX ")
        assert "缩进请用空格，不用制表符" in fault

    def test_two_documents(self, desk: Desk) -> None:
        desk.write(f"{GOOD}---\n{GOOD}")
        assert desk.faults() == [
            (
                "govhub.yaml:19:1: E_YAML_DOCUMENTS 文件含有多个 YAML 文档。请去掉“---”分隔，只留一个文档。\n"
                "    The file holds more than one YAML document. Keep one document: remove what follows the '---'."
            )
        ]

    def test_an_unknown_key(self, desk: Desk) -> None:
        desk.swap("  listen:", "  lisen:")
        assert desk.faults() == [
            (
                "govhub.yaml:3:3: E_KEY_UNKNOWN 不认识的键“lisen”。是否应为“listen”？\n"
                "    The key 'lisen' is not known. Did you mean 'listen'?"
            )
        ]

    def test_an_unknown_connector(self, desk: Desk) -> None:
        desk.swap("connector: rest", "connector: rset")
        assert desk.faults() == [
            (
                "govhub.yaml:13:16: NAME_UNKNOWN 没有这个连接器：rset。是否指“rest”？"
                "现有：amqp, e_seal, ferry, file_drop, front_db, logistics, mail, mailbox, rest, sharing_platform, "
                "sms_cmpp, sms_smpp, soap\n"
                "    There is no connector 'rset'. Did you mean 'rest'? "
                "There are: amqp, e_seal, ferry, file_drop, front_db, logistics, mail, mailbox, rest, sharing_platform, "
                "sms_cmpp, sms_smpp, soap"
            )
        ]

    def test_an_unknown_system(self, desk: Desk) -> None:
        desk.swap("system: housing\n    connector: rest", "system: hosing\n    connector: rest")
        assert desk.faults() == [
            (
                "govhub.yaml:12:13: NAME_UNKNOWN 没有这个系统：hosing。是否指“housing”？现有：housing, portal\n"
                "    There is no system 'hosing'. Did you mean 'housing'? There are: housing, portal"
            )
        ]

    def test_a_shared_key(self, desk: Desk) -> None:
        desk.swap("    sends: [cn.gov.acceptance.decided]", f"    keys: [{DIGEST}]")
        assert desk.faults() == [
            (
                "govhub.yaml:9:12: KEY_SHARED 此密钥前面已经登记过。一个密钥只登记一次；请另行生成：govhub keys new。\n"
                "    This key stands further up already. Make each its own: govhub keys new."
            )
        ]

    @pytest.mark.parametrize("operators", [f"ops: {{keys: [{DIGEST}]}}", "a: {keys: [%s]}, b: {keys: [%s]}"])
    def test_a_key_of_an_operator_is_nobody_elses(self, desk: Desk, operators: str) -> None:
        desk.write(f"{GOOD}operators: {{{operators.replace('%s', 'sha256:' + 'ab' * 32)}}}\n")
        (fault,) = desk.faults()
        assert "KEY_SHARED" in fault

    def test_a_right_that_there_is_not(self, desk: Desk) -> None:
        desk.write(f"{GOOD}operators:\n  ops: {{may: [read, delete]}}\n")
        (fault,) = desk.faults()
        assert fault.startswith("govhub.yaml:20:21: E_VALUE")

    def test_a_missing_secret(self, desk: Desk) -> None:
        desk.write(f"{GOOD}secrets:\n  token: env:NOT_SET\n")
        assert desk.faults() == [
            (
                "govhub.yaml:20:10: SECRET_MISSING 所指的环境变量或文件不存在或不可读。请设置该变量，或改正路径。\n"
                "    The variable or file it points to is missing or unreadable. Set the variable, or correct the path."
            )
        ]

    @pytest.mark.parametrize("listen", ["8480", "localhost", "127.0.0.1:99999", "a b:80", "::1:80", ":80", "host:"])
    def test_a_bad_listen(self, desk: Desk, listen: str) -> None:
        desk.swap("127.0.0.1:0", f'"{listen}"')
        assert desk.faults() == [
            (
                "govhub.yaml:3:11: E_VALUE 监听地址不合规。请写“地址:端口”，端口 0 到 65535，例如 127.0.0.1:8480。\n"
                "    This is not an address to listen on. Write host:port, the port from 0 to 65535, as in 127.0.0.1:8480."
            )
        ]

    def test_no_routes(self, desk: Desk) -> None:
        (desk.folder / "routes.yaml").unlink()
        assert desk.faults() == [
            (
                "govhub.yaml:1:1: ROUTES_UNREADABLE 路由表不存在或不可读。请检查文件：routes.yaml\n"
                "    The route table is missing or unreadable. See to the file: routes.yaml"
            )
        ]


class TestPlaces:
    """Where a fault is, and which; the words are golden above."""

    @pytest.mark.parametrize(
        ("old", "new", "place", "code", "path"),
        [
            ("acceptance.decided]", "acceptance.decide]", "9:13", "NAME_UNKNOWN", "systems.housing.sends[0]"),
            ("url: http", "ulr: http", "15:7", "E_KEY_UNKNOWN", f"{HOUSING}.settings.ulr"),
            ("http://127.0.0.1:9/cases", "not-a-url", "15:12", "E_VALUE", f"{HOUSING}.settings.url"),
            (DIGEST, "sha256:short", "6:12", "E_VALUE", "systems.portal.keys[0]"),
            ("  name: hub-1", "  name: HUB 1", "2:9", "E_VALUE", "hub.name"),
            (MAILBOX, f"{MAILBOX}\n    concurrency: 0", "19:18", "E_VALUE", f"{COUNTER}.concurrency"),
            (MAILBOX, f"{MAILBOX}\n    retry: {{attempts: many}}", "19:23", "E_TYPE", f"{COUNTER}.retry.attempts"),
            (MAILBOX, f"{MAILBOX}\n    on_dead: ignore", "19:14", "E_VALUE", f"{COUNTER}.on_dead"),
            (MAILBOX, f"{MAILBOX}\n    settings: {{lease_seconds: 1}}", "19:31", "E_VALUE", f"{COUNTER}.settings.lease_seconds"),
            (f"    system: housing\n    {MAILBOX}", f"    {MAILBOX}", "16:3", "E_KEY_MISSING", f"{COUNTER}.system"),
            ("hub:\n", "journal: mysql://db.example\nhub:\n", "1:10", "ADDRESS_KIND", "journal"),
            ("hub:\n", "journal: embeded\nhub:\n", "1:10", "ADDRESS_KIND", "journal"),
            ("hub:\n", "journal: embedded2\nhub:\n", "1:10", "ADDRESS_KIND", "journal"),
            ("hub:\n", "bus: memory-bus\nhub:\n", "1:6", "ADDRESS_KIND", "bus"),
            ("hub:\n", "bus: kafka://x\nhub:\n", "1:6", "ADDRESS_KIND", "bus"),
            ("hub:\n", "bus: env:NOT_SET\nhub:\n", "1:6", "SECRET_MISSING", "bus"),
            ("hub:\n", "journal: file:no/such/file\nhub:\n", "1:10", "SECRET_MISSING", "journal"),
            ("hub:\n", 'journal: "file:a\\0b"\nhub:\n', "1:10", "SECRET_MISSING", "journal"),
            ("hub:\n", 'routes: "a\\0b"\nhub:\n', "1:9", "ROUTES_UNREADABLE", "routes"),
            ("hub:\n", "routes: .\nhub:\n", "1:9", "ROUTES_UNREADABLE", "routes"),
            ("hub:\n", "partitions: 0\nhub:\n", "1:13", "E_VALUE", "partitions"),
            ("systems:", "sistems:", "4:1", "E_KEY_UNKNOWN", "sistems"),
        ],
    )  # fmt: skip
    def test_of_a_fault(self, desk: Desk, old: str, new: str, place: str, code: str, path: str) -> None:
        desk.swap(old, new)
        faults = desk.load()
        assert isinstance(faults, tuple), "it loads"
        fault = next(f for f in faults if f.code == code)
        assert str(fault.at) == f"{desk.file}:{place}"
        assert fault.path == path

    def test_of_a_fault_in_the_routes(self, desk: Desk) -> None:
        routes = desk.folder / "routes.yaml"
        routes.write_text(ROUTES.replace("counter]", "conter]"), encoding="utf-8")
        (fault,) = desk.faults()
        assert fault.startswith("routes.yaml:5:19: E_ROUTE_DESTINATION_UNKNOWN ")
        assert "Did you mean 'counter'?" in fault

    def test_of_routes_that_are_none(self, desk: Desk) -> None:
        (desk.folder / "routes.yaml").write_text("version: 2\n", encoding="utf-8")
        assert [fault.split(" ")[0] for fault in desk.faults()] == ["routes.yaml:1:1:", "routes.yaml:1:10:"]

    def test_of_routes_that_are_not_text(self, desk: Desk) -> None:
        (desk.folder / "routes.yaml").write_bytes(b"\xff\xfe\x00")
        (fault,) = desk.faults()
        assert "ROUTES_UNREADABLE" in fault


def test_everything_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    desk.write(
        GOOD.replace("connector: rest", "connector: rset")
        .replace("[cn.gov.acceptance.decided]", "[cn.gov.nothing, cn.gov.acceptance.decided, cn.gov.nor-this]")
        .replace("system: housing\n    connector: mailbox", "system: nobody\n    connector: mailbox")
        + "bus: env:NOT_SET\nsecrets: {a: 'env:NOR_THIS'}\nroutes: elsewhere.yaml\n"
    )
    faults = desk.load()
    assert isinstance(faults, tuple)
    assert sorted(fault.code for fault in faults) == [
        *["NAME_UNKNOWN"] * 4, "ROUTES_UNREADABLE", *["SECRET_MISSING"] * 2,
    ]  # fmt: skip


def test_no_secret_is_repeated(desk: Desk) -> None:
    """An address may hold a password; so may what was mistaken for one."""
    desk.write(f"{GOOD}journal: mysql://hub:made-up-password@db.example\nbus: env:BUS\nsecrets: {{x: 'env:X'}}\n")
    told = "\n".join(desk.faults({"BUS": "made-up-password", "X": "made-up-password"}))
    assert "made-up-password" not in told


def test_a_file_that_is_not_text_is_told_so(desk: Desk) -> None:
    desk.file.write_bytes(b"hub:\n  name: \xff\n")
    (fault,) = desk.faults()
    assert fault.startswith("govhub.yaml:2:9: E_FILE_ENCODING ")


def test_a_folder_is_no_file(desk: Desk) -> None:
    loaded = load_deployment(desk.folder, {})
    assert isinstance(loaded, tuple)
    assert loaded[0].code == "E_FILE_DIRECTORY"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_damaged_anyhow_never_raises(desk: Desk, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    length = data.draw(st.integers(0, 40))
    put_in = data.draw(st.text(alphabet='\n\t :-[]{}"\\0123abc#&*!%@`中\x00\u2028', max_size=12))
    desk.file.write_bytes((GOOD[:start] + put_in + GOOD[start + length :]).encode())
    loaded = desk.load()
    assert isinstance(loaded, Loaded) or loaded


class TestSecrets:
    def test_they_are_read_where_they_point(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("made-up\n", encoding="utf-8")
        assert resolve_secret("env:TOKEN", {"TOKEN": "made-up"}, tmp_path) == "made-up"
        assert resolve_secret("file:token", {}, tmp_path) == "made-up"
        assert resolve_secret(f"file:{tmp_path / 'token'}", {}, Path("/nowhere")) == "made-up"
        assert resolve_secret("plain", {}, tmp_path) == "plain"
        assert resolve_secret("postgresql://x", {}, tmp_path) == "postgresql://x"

    @pytest.mark.parametrize("reference", ["env:NOT_SET", "file:none", "file:.", "file:a\x00b", "env:\ud800"])
    def test_what_is_not_there_is_none(self, tmp_path: Path, reference: str) -> None:
        assert resolve_secret(reference, os.environ, tmp_path) is None

    def test_a_file_that_is_not_text_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_bytes(b"\xff")
        assert resolve_secret("file:token", {}, tmp_path) is None
