"""Runs the first session of a new user, for real: each command echoed, with its output."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent
BOLD, GREEN, PLAIN = ("\033[1m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def say(text: str) -> None:
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def run(*words: str, folder: Path) -> str:
    """Echo a command, run it as the user would, and return what it printed on stdout."""
    print(f"{GREEN}$ {shlex.join(words)}{PLAIN}", flush=True)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        output = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            output.append(line)
    if process.returncode:
        sys.exit(f"\nthe demo stops here: {shlex.join(words)} exited {process.returncode}")
    return "".join(output)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="wasmctl-demo-"))
    project = folder / "hello"
    say("A plugin project from a template")
    run(
        *("wasmctl", "init", "hello", "--lang", "assemblyscript", "--defaults"),
        folder=folder,
    )
    say("Compiled with the AssemblyScript that the project pins")
    run("wasmctl", "build", folder=project)
    say("Tested twice with one file: on the embedded host, and in a real Envoy")
    run("wasmctl", "test", "--on", "harness,envoy", folder=project)
    say("Pushed as an image (here: an OCI layout on disk), and pulled back")
    run("wasmctl", "push", f"oci-layout:{folder / 'images'}:0.1.0", folder=project)
    pulled = folder / "pulled.wasm"
    run(
        *("wasmctl", "pull", f"oci-layout:{folder / 'images'}:0.1.0", "-o", str(pulled)),
        folder=project,
    )
    say("Who can load that image, by each one's own rules")
    run("wasmctl", "verify", f"oci-layout:{folder / 'images'}:0.1.0", folder=project)
    say("What came back is what was built")
    built = project / "dist" / json.loads((project / "dist" / "build.json").read_text())["module"]
    run("sha256sum", str(built), str(pulled), folder=project)
    if sha256(built) != sha256(pulled):
        sys.exit("the digests differ")
    print(f"{GREEN}the digests are equal{PLAIN}")
    say("Yours to try")
    print(f"  cd {project}")
    print("  $EDITOR assembly/index.ts      # the plugin;  tests/ holds its scenarios")
    print(f"  {BIN / 'wasmctl'} build && {BIN / 'wasmctl'} test")
    print(f"  {BIN / 'wasmctl'} --help")


if __name__ == "__main__":
    main()
