"""A service in a process of its own, and what it takes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Process:
    """A running `pspm serve`. Memory is that of Linux's /proc, in bytes; time is of the processor, in seconds."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    @property
    def memory(self) -> int:
        """What is in memory now."""
        return self._status("VmRSS")

    @property
    def peak(self) -> int:
        """The most that was in memory since the last `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Begin a new peak."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def seconds(self) -> float:
        """User and system time so far."""
        return self._time("stat")

    @property
    def seconds_of_the_loop(self) -> float:
        """User and system time so far of the thread that answers; others work on the photos."""
        return self._time(f"task/{self.process.pid}/stat")

    def _time(self, file: str) -> float:
        words = Path(f"/proc/{self.process.pid}/{file}").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
        assert found
        return int(found[1]) * 1024


@contextmanager
def serving(*options: str) -> Iterator[Process]:
    """A service on a free port with one thread for the network."""
    command = [sys.executable, "-m", "pspm_runtime.command.cli", "serve", "--port", "0", "--threads", "1", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = process.stdout.readline()
        try:
            yield Process(process, int(said.split(":")[3].split()[0]))
        finally:
            process.terminate()
            process.wait(120)
