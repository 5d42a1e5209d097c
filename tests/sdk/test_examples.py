"""The pages of the AssemblyScript SDK: their examples compile, and nothing it has is left out."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.sdk import making
from wasmctl import build, messages, project, scaffold
from wasmctl.host import Host

_SDK = scaffold.templates_root() / "assemblyscript/_sdk/proxy-wasm"
_PAGE = Path(__file__).parents[2] / "docs/reference/assemblyscript-sdk.md"
_TEXT = (_SDK / "README.md").read_text() + _PAGE.read_text()
_EXAMPLES = re.findall(r"^```ts\n(.*?)^```$", _TEXT, re.MULTILINE | re.DOTALL)
_EXPORTS = re.findall(
    r"\w+", " ".join(re.findall(r"{(.*?)}", (_SDK / "index.ts").read_text(), re.DOTALL))
)
_CALLBACKS = ("lifecycle", "http-headers", "http-bodies", "http-trailers", "http-calls")
# What only the contexts of plugins have.
_OF_PLUGINS = ("onConfigure(", "onTick(", "onQueueReady(")
_CLASS = re.compile(
    r"^export (?:abstract )?(?:class|namespace) (\w+).*?^}", re.DOTALL | re.MULTILINE
)
_MEMBER = re.compile(r"^  (?:export function |static |get )?(\w+)(?:\(|: )", re.MULTILINE)


def test_all_examples_compile_without_a_warning_and_the_first_one_works(
    built: Callable[[scaffold.Template], Path], tmp_path: Path
) -> None:
    packages = built(scaffold.find("assemblyscript", "minimal"))
    made = project.load(making.make(tmp_path, _examples(tmp_path / "source"), packages))
    lines: list[str] = []

    module = build.build(made, on_line=lines.append).path.read_bytes()

    assert len(_EXAMPLES) >= 7
    assert [line for line in lines if "WARNING" in line] == []
    with Host.start(module, root_id="hello") as host:
        exchange = host.http(messages.request("/"))
    assert exchange.upstream
    assert exchange.upstream.values(b"x-hello") == (b"world",)


def test_all_that_the_sdk_exports_is_on_its_pages() -> None:
    assert len(_EXPORTS) > 30
    assert [name for name in _EXPORTS if not re.search(rf"\b{name}\b", _TEXT)] == []


def test_each_member_of_what_is_exported_is_on_its_pages() -> None:
    members = {
        f"{found[1]}.{name}"
        for path in _SDK.glob("*.ts")
        for found in _CLASS.finditer(path.read_text())
        if found[1] in _EXPORTS
        for name in _MEMBER.findall(found[0])
        if name != "constructor"
    }

    assert len(members) > 70
    assert [
        each for each in sorted(members) if not re.search(rf"\b{each.split('.')[1]}\b", _TEXT)
    ] == []


def _examples(folder: Path) -> Path:
    """Write each example as a file, and what brings them together."""
    assembly = folder / "assembly"
    assembly.mkdir(parents=True)
    for number, example in enumerate(_EXAMPLES):
        is_whole = example.startswith("import")
        (assembly / f"example{number}.ts").write_text(
            example if is_whole else _wrapped(example, number)
        )
    exports = [f'export * from "./proxy-wasm/callbacks/{name}";' for name in _CALLBACKS]
    exports.append('export * from "./proxy-wasm/callbacks/plugin-events";')
    imports = [f'import "./example{number}";' for number, _ in enumerate(_EXAMPLES)]
    (assembly / "index.ts").write_text("\n".join((*exports, *imports)) + "\n")
    (folder / "wasmctl.toml").write_text(
        'schema = 1\n[project]\nname = "examples"\nlanguage = "assemblyscript"\n'
    )
    return folder


def _wrapped(methods: str, number: int) -> str:
    """Make a plugin of methods, of its own or of its streams."""
    of_plugin = any(name in methods for name in _OF_PLUGINS)
    in_stream, in_plugin = ("", methods) if of_plugin else (methods, "")
    return f"""
import {{ {", ".join(_EXPORTS)} }} from "./proxy-wasm";

class Stream extends HttpContext {{ {in_stream} }}

class Plugin extends PluginContext {{
  {in_plugin}
  createHttpContext(id: u32): HttpContext {{ return new Stream(id); }}
}}

registerPlugin("example{number}", (id) => new Plugin(id));
"""
