"""What this process has used, with the processes that it started: CPU time, and the peak memory of the largest."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEGABYTE = 1024
"""In the kilobytes of /proc."""


def took(what: str, *arguments: str) -> dict[str, Any]:
    """Run a module of this package in a process of its own, and return what it prints."""
    command = [sys.executable, "-m", f"bench.grown.{what}", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def report(**figures: Any) -> None:
    """Print the figures, with the seconds of CPU (`cpu`) and the MB of memory (`peak`) until now."""
    ticks, peak = 0, 0
    for process in _processes():
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        status = (process / "status").read_text()
        peak = max(peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")))
    print(json.dumps({**figures, "cpu": ticks / os.sysconf("SC_CLK_TCK"), "peak": peak / MEGABYTE}))


def _processes() -> Iterator[Path]:
    """Return the directories of this process and of those that it started, as long as they run."""
    waiting = [Path("/proc/self").resolve()]
    while waiting:
        process = waiting.pop()
        yield process
        for task in (process / "task").iterdir():
            waiting += [Path("/proc", child) for child in (task / "children").read_text().split()]
