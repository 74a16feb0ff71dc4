"""The operators' procedures of docs/how-to/platform.md, run as they stand there."""

import re
import subprocess
from pathlib import Path

from tests.compose.cluster import LONGEST_COMMAND_S, ROOT, ComposeCluster

GUIDE = ROOT / "docs" / "how-to" / "platform.md"
_MARKED = re.compile(r"^<!-- procedure: (?P<name>[a-z-]+) -->\n```sh\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)


def procedures() -> dict[str, str]:
    """The commands by the name that the guide marks them with."""
    return {found["name"]: found["commands"] for found in _MARKED.finditer(GUIDE.read_text(encoding="utf-8"))}


def run_procedure(name: str, cluster: ComposeCluster, folder: Path) -> str:
    """Run a procedure's commands against the cluster, in `folder`, as an operator's shell would, ending at the first that
    fails. Returns what they printed."""
    command = ["bash", "-euo", "pipefail", "-c", procedures()[name]]
    done = subprocess.run(
        command, cwd=folder, env=cluster.environment, capture_output=True, text=True, timeout=LONGEST_COMMAND_S, check=False
    )
    said = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, f"procedure {name} ended with {done.returncode}:\n{said[-8000:]}\n{cluster.logs()}"
    return said
