"""What the compose file gives to which process, read without Docker."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SENDERS = {"openings-worker", "learners-worker"}
FRONT_DOORS = {"openings", "learners", "matching"}


@pytest.fixture(scope="module")
def containers() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return found


def those_with(containers: dict[str, dict[str, Any]], setting: str) -> set[str]:
    return {name for name, each in containers.items() if setting in each.get("environment", {})}


@pytest.mark.parametrize("setting", ["MAIL_FROM", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "SMTP_USERNAME", "SMTP_PASSWORD_FILE"])
def test_those_who_send_mail_alone_know_the_mail_server(containers: dict[str, dict[str, Any]], setting: str) -> None:
    assert those_with(containers, f"MAKERSYNC_{setting}") == SENDERS


def test_the_password_of_the_mail_server_is_in_no_environment_and_in_the_files_of_its_senders_alone(
    containers: dict[str, dict[str, Any]],
) -> None:
    """Guards: an environment shows in `docker inspect`, and in whatever a process says of itself."""
    assert those_with(containers, "MAKERSYNC_SMTP_PASSWORD") == set()
    assert {name for name, each in containers.items() if each.get("secrets")} == {"secrets"}
    readers = {name for name, each in containers.items() if any("mail-secrets" in one for one in each.get("volumes", ()))}
    assert readers == SENDERS | {"secrets"}


def test_front_doors_are_told_of_the_proxies_before_them(containers: dict[str, dict[str, Any]]) -> None:
    """Guards: otherwise all callers behind one proxy count as one."""
    assert those_with(containers, "FORWARDED_ALLOW_IPS") == FRONT_DOORS


def test_the_example_of_settings_has_what_the_compose_file_takes() -> None:
    """But for what only a procedure sets."""
    taken = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    shown = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert taken - {"REPLACED_LOG"} == shown
