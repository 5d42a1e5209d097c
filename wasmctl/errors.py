"""Every failure a user can meet: what is wrong, what to do, and the exit code.

One class per exit code. Library code raises them where the failure is known; the root command
shows them once. An exception of any other class that reaches the root is a bug and exits 1.
"""

from typing import ClassVar


class WasmctlError(Exception):
    """An expected failure.

    Attributes:
        message: the cause in one line, without a final full stop.
        hint: the remedy in one line.
        details: further lines of evidence (every mistake of a file, a compiler's last lines).

    """

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "internal error: a bug, with its traceback"

    def __init__(self, message: str, *, hint: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class UsageError(WasmctlError):
    """The words of the command do not fit together."""

    exit_code = 2
    meaning = "usage error"


class DefinitionError(WasmctlError):
    """A project, scenario or lock file says something that cannot be."""

    exit_code = 3
    meaning = "project, scenario or lock file invalid"


class EnvironmentMissingError(WasmctlError):
    """What the command needs is not on this machine: a program, or room for a build."""

    exit_code = 4
    meaning = "environment missing: an engine, a tool, Envoy, room for a build"


class BuildFailedError(WasmctlError):
    """The compiler, or what it needs, refused the sources."""

    exit_code = 5
    meaning = "build failed"


class CheckFailedError(WasmctlError):
    """A check found something at or above the level that fails."""

    exit_code = 6
    meaning = "findings of `check` at or above `--fail-on`"


class TestsFailedError(WasmctlError):
    """At least one test failed, or a budget was exceeded."""

    __test__ = False  # pytest collects classes by this name otherwise
    exit_code = 7
    meaning = "a test failed, a budget was exceeded"


class NoTestsError(WasmctlError):
    """There was nothing to run, or less than asked."""

    exit_code = 8
    meaning = "no tests collected, or fewer than `--min-tests`"


class EnvoyFailedError(WasmctlError):
    """Envoy did not start, refused the plugin or died."""

    exit_code = 9
    meaning = "Envoy failed to start, rejected the module, or died"


class RegistryError(WasmctlError):
    """A registry answered with a refusal."""

    exit_code = 10
    meaning = "registry or authentication error"


class NetworkError(WasmctlError):
    """A peer on the network could not be reached."""

    exit_code = 11
    meaning = "network unreachable, or needed while offline"


class DeadlineError(WasmctlError):
    """Something took longer than it was allowed to."""

    exit_code = 12
    meaning = "timeout"


class DriftError(WasmctlError):
    """What is there is not what was recorded."""

    exit_code = 13
    meaning = "drift found by `--locked` or a check"


class ImageRefusedError(WasmctlError):
    """An image's digest, layout or signature is not what it must be."""

    exit_code = 14
    meaning = "image refused: digest, layout, signature"


class NotAPluginError(WasmctlError):
    """The file is not a module that a Proxy-Wasm host loads."""

    exit_code = 15
    meaning = "not a plugin: not Wasm, a component, unknown ABI, an import no host offers"


class FilesError(WasmctlError):
    """The file system refused."""

    exit_code = 16
    meaning = "files: folder not empty, not writable, disk full, damaged layout"


class InterruptedByUserError(WasmctlError):
    """Ctrl-C, after cleaning up."""

    exit_code = 130
    meaning = "SIGINT, after cleaning up"


class TerminatedError(WasmctlError):
    """SIGTERM, after cleaning up."""

    exit_code = 143
    meaning = "SIGTERM, after cleaning up"
