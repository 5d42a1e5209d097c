"""What a run says: each message into the log it belongs to, and to whoever listens."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

from wasmctl import files
from wasmctl.abi.types import LogLevel
from wasmctl.errors import FilesError
from wasmctl.launch import folder
from wasmctl.launch.speech import Listener, Said

OnSaid = Callable[[Said], None]


class Diary:
    """The two logs of a run: its plugins', and Envoy's own.

    Raises FilesError where they cannot be made.
    """

    def __init__(self, place: Path, listener: Listener, on_said: OnSaid) -> None:
        self._listener = listener
        self._on_said = on_said
        self._lock = threading.Lock()
        self._place = place
        self.trouble: FilesError | None = None
        self._plugins = _opened(place / folder.PLUGIN_LOG)
        self._envoy = _opened(place / folder.ENVOY_LOG)

    def take(self, line: str) -> None:
        """Take a line of Envoy's; called in the thread that reads them."""
        said = self._listener.said(line)
        if said is None:
            return
        self._on_said(said)
        with self._lock:
            file = self._envoy if said.plugin is None else self._plugins
            try:
                if not file.closed:
                    file.write(written(said))
            except OSError as error:  # told by the thread that waits; this one goes on reading
                self.trouble = files.refusal(error, "write", self._place)

    def close(self) -> None:
        """Close the logs."""
        with self._lock:
            for file in (self._plugins, self._envoy):
                try:
                    file.close()
                except OSError as error:
                    self.trouble = files.refusal(error, "write", self._place)


def _opened(path: Path) -> TextIO:
    try:
        return path.open("a", buffering=1, encoding="utf-8")
    except OSError as error:
        raise files.refusal(error, "write", path) from error


def written(said: Said) -> str:
    """Return a message as it stands in a log."""
    time = datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]
    return f"{time} {level_name(said.level):<8} {said.plugin or 'envoy'}: {said.text}\n"


def level_name(level: LogLevel) -> str:
    """Return the name of a level: ``warn``."""
    return level.name.lower()
