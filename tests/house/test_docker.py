# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The container files, as far as a machine without an engine can tell.

They are linted, read by the servers they are for, and kept in step with make.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from hub.config.load import Loaded, load_deployment
from tests.house.tree import BIN, ROOMS, ROOT, run

DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_dockerfile_has_no_lint() -> None:
    outcome = run(BIN / "hadolint", DOCKER / "Dockerfile")

    assert outcome.returncode == 0, outcome.stdout


def test_the_compose_file_has_no_grave_lint(tmp_path: Path) -> None:
    # A copy, since the linter also judges where the mounted files lie, and a clone may lie anywhere.
    shutil.copytree(DOCKER, tmp_path / "docker")
    outcome = run(BIN / "compose-lint", "check", tmp_path / "docker/compose.yaml")

    assert outcome.returncode == 0, outcome.stdout


def pip_installs(text: str) -> set[str]:
    """The arguments of every hashed pip install, without which lock it reads."""
    joined = re.sub(r"\\\n\s*", "", text)
    found = re.findall(r"install (--quiet --require-hashes [^\n&]*?) -r requirements/\w+\.lock", joined)
    return set(found)


def test_the_image_is_installed_as_make_installs() -> None:
    made = pip_installs((ROOT / "Makefile").read_text(encoding="utf-8"))

    assert len(made) == 1
    assert pip_installs(DOCKERFILE) == made


def test_both_build_the_project_without_fetching_anything() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert "--no-deps --no-build-isolation -e ." in makefile
    assert "--no-deps --no-build-isolation --wheel-dir /wheels ." in DOCKERFILE


def test_the_image_holds_every_room() -> None:
    for room in ROOMS:
        assert f"COPY {room}/ {room}/" in DOCKERFILE
        assert f"!{room}/" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_build_context_holds_what_the_dockerfile_copies() -> None:
    kept = {
        line[1:].rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[0] == "!"
    }
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    }

    assert copied == kept


def test_the_hub_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_every_service_tells_its_health_and_waits_for_the_others() -> None:
    assert set(SERVICES) == {"hub", "rabbitmq", "postgres"}
    assert "HEALTHCHECK" in DOCKERFILE
    assert all("healthcheck" in SERVICES[name] for name in ("rabbitmq", "postgres"))
    assert SERVICES["hub"]["depends_on"] == {
        "rabbitmq": {"condition": "service_healthy"},
        "postgres": {"condition": "service_healthy"},
    }


def test_no_password_is_written_down() -> None:
    """A password that is not given stops the start; it has no default."""
    secret = re.compile(r"PASS(WORD)?|POSTGRES$|RABBITMQ$")
    values = {
        (service, key): value
        for service, settings in SERVICES.items()
        for key, value in settings.get("environment", {}).items()
        if secret.search(key)
    }

    assert len(values) >= 4
    assert [where for where, value in values.items() if not re.search(r"\$\{GOVHUB_\w+_PASSWORD:\?", value)] == []
    for line in (DOCKER / "example.env").read_text(encoding="utf-8").splitlines():
        assert not re.match(r"\w*PASSWORD=.", line)


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", (DOCKER / "compose.yaml").read_text(encoding="utf-8")))
    offered = set(re.findall(r"^#?(\w+)=", (DOCKER / "example.env").read_text(encoding="utf-8"), re.MULTILINE))

    assert used == offered


def test_every_mounted_file_and_volume_exists() -> None:
    volumes = [volume.split(":")[0] for settings in SERVICES.values() for volume in settings.get("volumes", [])]
    files = [volume for volume in volumes if volume.startswith(".")]

    assert [file for file in files if not (DOCKER / file).is_file()] == []
    assert {volume for volume in volumes if not volume.startswith(".")} == set(COMPOSE["volumes"])


def test_only_the_hub_is_reached_from_outside() -> None:
    assert [name for name, settings in SERVICES.items() if "ports" in settings] == ["hub"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("rabbitmq", "postgres"))


def postgres() -> Path:
    """PostgreSQL of the same major version as the image."""
    places = [
        *Path("/usr/lib/postgresql").glob("15/bin"),
        *([Path(found).parent] if (found := shutil.which("postgres")) else []),
    ]
    return next(place / "postgres" for place in places if (place / "postgres").exists())


def test_postgresql_understands_its_configuration(tmp_path: Path) -> None:
    # -C prints one setting after reading the whole file; it must come first, for only then may root ask.
    outcome = run(
        postgres(), "-C", "synchronous_commit", "-D", tmp_path, "-c", f"config_file={DOCKER / 'postgresql.conf'}"
    )

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout == "on\n"


def test_rabbitmq_understands_its_configuration() -> None:
    """By RabbitMQ's own schema, without a server."""
    plugins = next(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/plugins"))
    [schema] = plugins.glob("rabbit-*/priv/schema/rabbit.schema")
    paths = [argument for ebin in plugins.glob("*/ebin") for argument in ("-pa", str(ebin))]
    program = f"""
      Schema = cuttlefish_schema:files(["{schema}"]),
      case cuttlefish_generator:map(Schema, cuttlefish_conf:file("{DOCKER / "rabbitmq.conf"}")) of
        {{error, _, Reason}} -> io:format("~p~n", [Reason]), halt(1);
        Settings -> io:format("~p~n", [proplists:get_value(rabbit, Settings)]), halt(0)
      end."""
    outcome = run("erl", "-noshell", *paths, "-eval", program)

    assert outcome.returncode == 0, outcome.stdout
    assert "{max_message_size,16777216}" in outcome.stdout


def test_the_hub_understands_its_configuration() -> None:
    given = {"GOVHUB_POSTGRES": "postgresql://postgres/govhub", "GOVHUB_RABBITMQ": "amqp://rabbitmq/"}
    loaded = load_deployment(DOCKER / "govhub.yaml", given)

    assert given.keys() == SERVICES["hub"]["environment"].keys()
    assert isinstance(loaded, Loaded), loaded
    assert loaded.warnings == ()
    assert f"EXPOSE {loaded.deployment.hub.listen.rpartition(':')[2]}\n" in DOCKERFILE
    assert loaded.path(loaded.deployment.hub.data) == Path("/var/lib/govhub")
