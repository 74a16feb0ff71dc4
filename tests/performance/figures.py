"""What a run of the bench says: figures with their rounds, and the machine they were taken on."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

LIBRARIES = ("aiokafka", "SQLAlchemy", "aiosqlite", "asyncpg", "pydantic", "msgspec", "pyroaring", "numpy", "uvloop")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured case: a value of each round, in `unit`."""

    measure: str
    case: str
    unit: str
    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    def as_data(self) -> Mapping[str, Any]:
        spread = {"median": self.median, "min": min(self.rounds), "max": max(self.rounds)}
        return {"measure": self.measure, "case": self.case, "unit": self.unit, **spread, "rounds": list(self.rounds)}


def ratio(measure: str, case: str, ours: Figure, bare: Figure, unit: str = "of bare") -> Figure:
    """Our rate in that of what runs beside it, round by round: both of a round ran one after the other."""
    rounds = tuple(mine / its for mine, its in zip(ours.rounds, bare.rounds, strict=True))
    return Figure(measure, case, unit, rounds)


@dataclass(frozen=True, slots=True)
class Report:
    """`servers` says of each profile what its broker and database were; `left_out` why a profile was not measured."""

    begun: datetime
    size: str
    machine: Mapping[str, Any]
    servers: dict[str, str] = field(default_factory=dict)
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def as_data(self) -> Mapping[str, Any]:
        profiles = {
            profile: {"servers": self.servers[profile], "figures": [figure.as_data() for figure in figures]}
            for profile, figures in self.figures.items()
        }
        return {
            "begun": self.begun.isoformat(timespec="seconds"),
            "size": self.size,
            "machine": self.machine,
            "profiles": profiles,
            "left_out": self.left_out,
        }


def this_machine() -> Mapping[str, Any]:
    return {
        "cpu": _cpu_model(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def machine_line(machine: Mapping[str, Any]) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    return (
        f"commit {machine['commit']}, "
        f"{machine['cpus']} CPUs ({machine['cpu']}), load {machine['load_at_start']} at the start, {machine['system']}, "
        f"Python {machine['python']}, {libraries}"
    )


def _commit() -> str:
    """With a plus sign when something was changed since."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
