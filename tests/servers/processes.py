"""Servers from binaries of this machine, as child processes."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.servers.finding import Unavailable, wait_until

STOP_S = 30


class ServerProcess:
    """A server that can be stopped, killed, paused and started again with the same command. It owns `folder`."""

    def __init__(self, command: Sequence[str], folder: Path, user: str | None = None) -> None:
        self._command = command
        self._folder = folder
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, answers: Callable[[], bool], deadline_s: float) -> None:
        """Start and wait. Raises Unavailable; the process is then gone."""
        log_file = self._folder / "server.log"
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, user=self._user, start_new_session=True)
        try:
            wait_until(answers, self._lives, deadline_s, f"a {self._command[0]} that works")
        except Unavailable as error:
            self.kill()
            raise Unavailable(f"{error}; its last words: {log_file.read_text()[-500:]}") from error

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def unpause(self) -> None:
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            # Nobody needs its data any more.
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._lives():
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self._process is not None:
            self._process.wait(STOP_S)
