"""Measure 6: `makersync market evaluate` on a file, beside the plain evaluator (`--reference`) on a smaller one."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.market.market_file import write_market_file
from tests.performance.figures import Figure
from tests.performance.markets import measured_market
from tests.performance.printing import Told
from tests.performance.processes import COMMAND, ROOT
from tests.performance.sizes import Sizes
from tests.performance.waiting import BenchStuck

MEASURE = "market file"
EVALUATE = (*COMMAND, "market", "evaluate", "--json")
REFERENCE = (*EVALUATE, "--reference")
PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True)
class Evaluated:
    seconds: float
    peak_mb: float
    output: bytes


async def measure_files(folder: Path, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Once each, from the start of the command to its end."""
    small, large = (sizes.reference_openings, sizes.reference_learners), (sizes.file_openings, sizes.file_learners)
    told(f"market file: evaluating {_size(small)} by the plain evaluator")
    plain = await _run(REFERENCE, _written(folder, small))
    told(f"market file: evaluating {_size(small)}")
    quick = await _run(EVALUATE, folder / "market.json")
    if json.loads(quick.output) != json.loads(plain.output):
        raise BenchStuck(f"two results of {_size(small)}: market evaluate's and the plain evaluator's")
    told(f"market file: evaluating {_size(large)}")
    full = await _run(EVALUATE, _written(folder, large))
    return [
        Figure(MEASURE, f"{_size(small)}: plain evaluator", "s", (plain.seconds,)),
        Figure(MEASURE, f"{_size(small)}: market evaluate", "s", (quick.seconds,)),
        Figure(MEASURE, "plain evaluator / market evaluate", "times", (plain.seconds / quick.seconds,)),
        Figure(MEASURE, f"{_size(large)}: market evaluate", "s", (full.seconds,)),
        Figure(MEASURE, f"{_size(large)}: peak memory", "MB", (full.peak_mb,)),
        Figure(MEASURE, f"{_size(large)}: matches", "matches", (float(len(json.loads(full.output)["matches"])),)),
    ]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]:,} openings, {size[1]:,} learners"


def _written(folder: Path, size: tuple[int, int]) -> Path:
    file = folder / "market.json"
    with file.open("w", encoding="utf-8") as out:
        write_market_file(measured_market(*size), out)
    return file


async def _run(command: tuple[str, ...], file: Path) -> Evaluated:
    """Raises BenchStuck when it fails or takes too long."""
    output = file.with_suffix(".out")
    begun = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen([*command, str(file)], stdout=out, cwd=ROOT)
    try:
        status, peak_kb = await asyncio.wait_for(asyncio.to_thread(_waited_for, process.pid), PATIENCE_S)
    except BaseException:
        process.kill()
        raise
    if status:
        raise BenchStuck(f"{' '.join(command)} failed with status {status}")
    return Evaluated(time.perf_counter() - begun, peak_kb / 1024, output.read_bytes())


def _waited_for(pid: int) -> tuple[int, int]:
    """Its status, and the most memory that it had, in KB."""
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss
