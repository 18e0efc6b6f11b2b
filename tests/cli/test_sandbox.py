"""syncd sandbox: what it prints works when it is pasted, and it ends without a trace."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.testing.sandbox.serve import LOOPBACK

from .office import SCRIPT, Office

Sandbox = tuple[subprocess.Popen[str], str]


@pytest.fixture(params=["hubspot", "salesforce"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The process, and its manual."""
    command = [str(SCRIPT), "sandbox", "--crm", request.param, "--port", "0", "--projects", "6"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    manual = ""
    for line in process.stdout:
        manual += line
        if line.startswith("Ctrl-C"):
            break
    yield process, manual
    process.kill()
    process.communicate(timeout=30)


def test_what_it_prints_works(sandbox: Sandbox, office: Office) -> None:
    """Configuration, exports, commands and curl lines, as a person would copy them."""
    _, manual = sandbox
    config = re.search(r"<<'END'\n(.*?)\nEND\n", manual, re.DOTALL)
    assert config is not None
    office.config.write_text(config.group(1), encoding="utf-8")
    tokens = dict(re.findall(r"^export (\w+)=(\S+)$", manual, re.MULTILINE))
    assert set(tokens) in (
        {"PROPSTREET_TOKEN", "HUBSPOT_TOKEN"},
        {"PROPSTREET_TOKEN", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"},
    )

    for command in re.findall(r"^syncd (.+)$", manual, re.MULTILINE):
        said = office.run(*command.split(), **tokens)
        assert said.code == (2 if command == "check" else 0), said
    moves = [
        (url, body) for body, url in re.findall(r"^curl -d '(.+)' (http://\S+)$", manual, re.MULTILINE)
    ]  # edit a project, edit its counterpart, an investor more from either side, delete
    assert len(moves) == 5
    url, body = moves[2]
    within = url.replace("add_prospect", "live_prospects"), json.dumps({"project": json.loads(body)["project"]})
    before = {one["contactId"] for one in ask(*within)}
    for url, body in moves:
        ask(url, body)
    assert office.run("delta", **tokens).code == 0

    stages = {one["contactId"]: one["classification"] for one in ask(*within)}
    assert sorted(stages[contact] for contact in stages.keys() - before) == ["bidder", "not_contacted"]

    journal_url = re.findall(r"^curl (http://\S+/journal)$", manual, re.MULTILINE)[0]
    changes = [written["changes"] for written in ask(journal_url)]
    assert any("Renamed in Propstreet" in (change.get("dealname"), change.get("Name")) for change in changes)
    statuses = ("propstreet_status", "Propstreet_Status__c")
    assert any("deleted" in [change.get(name) for name in statuses] for change in changes)


def ask(url: str, body: str | None = None) -> Any:
    with urllib.request.urlopen(url, data=body.encode() if body is not None else None, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(sandbox: Sandbox, number: signal.Signals) -> None:
    process, _ = sandbox

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "the sandbox is closed" in out
    assert err == ""


@pytest.mark.parametrize("offset", range(4))
def test_a_taken_port(office: Office, offset: int) -> None:
    """Each of the four."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        first = taken.getsockname()[1] - offset
        said = subprocess.run(
            [SCRIPT, "sandbox", "--port", str(first)], capture_output=True, text=True, timeout=30, check=False
        )

    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr == (
        f"syncd: one of the ports {first} to {first + 3} is taken\n"
        "  → name others with --port, or take free ones: --port 0\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sandbox", "--crm", "pipedrive"], "there is no sandbox of pipedrive"),
        (["sandbox", "--projects", "-1"], "a sandbox begins with 0 to 20000 projects"),
        (["sandbox", "--port", "65533"], "the first port must be 0 to 65532"),
        (["demo", "--crm", "pipedrive"], "there is no demo of pipedrive"),
    ],
)
def test_what_there_is_not(office: Office, words: list[str], message: str) -> None:
    said = office.run(*words)
    assert said.code == 2
    assert said.refusal()[0] == message
    assert words[1] != "--crm" or said.refusal()[1] == "use one of: hubspot, salesforce"


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    """It keeps no file."""
    process = subprocess.Popen([SCRIPT, "sandbox", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert list(tmp_path.iterdir()) == []
