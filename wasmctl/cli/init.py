"""``wasmctl init``."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import console, show_json
from wasmctl.cli.questions import Answer, ask, can_ask, choose, take_default
from wasmctl.errors import UsageError

if TYPE_CHECKING:
    from wasmctl.scaffold import Made, Template


def _languages() -> list[str]:
    from wasmctl.languages import LANGUAGES

    return list(LANGUAGES)


def _template_names() -> list[str]:
    from wasmctl import scaffold

    return list(dict.fromkeys(template.name for template in scaffold.templates()))


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The new project's folder.", show_default=False),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="NAME", help="What it is written in.", autocompletion=_languages
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What it starts from.", autocompletion=_template_names),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The project's name, else made of DIR.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Answer a question of the template."),
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be made, and make nothing.")
    ] = False,
    list_only: Annotated[bool, typer.Option("--list", help="List the templates and exit.")] = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Make a plugin project from a template.

    On a terminal, asks for what the options leave open; elsewhere the defaults answer.
    """
    from wasmctl import scaffold

    if list_only:
        _show_templates(scaffold.templates(), output_format)
        return
    answer = ask if can_ask() and not defaults else take_default
    place = folder or _folder(answer)
    scaffold.check_folder(place)
    chosen = _choose(language, template, answer)
    given = _given(settings or [], name)
    make = scaffold.preview if dry_run else scaffold.create
    made = make(place, chosen, _answers(chosen, given, place, answer))
    _show(made, chosen, output_format, was_made=not dry_run)


def _folder(answer: Answer) -> Path:
    if answer is take_default:
        raise UsageError("no folder is named", hint="name the new project's: wasmctl init DIR")
    return Path(answer("Folder", "my-plugin", str))


def _choose(language: str | None, template: str | None, answer: Answer) -> "Template":
    from wasmctl import scaffold

    language = language or choose("Language", _languages(), answer)
    first = scaffold.find(language, template)
    if template:
        return first
    offered = [known.name for known in scaffold.templates() if known.language == language]
    return scaffold.find(language, choose("Template", offered, answer))


def _given(settings: list[str], name: str | None) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for key, equals, _value in pairs:
        if not equals:
            raise UsageError(f"--set {key} gives no value", hint=f"write --set {key}=VALUE")
    given = {key: value for key, _equals, value in pairs}
    return given if name is None else given | {"name": name}


def _answers(
    template: "Template", given: Mapping[str, str], folder: Path, answer: Answer
) -> dict[str, str]:
    """Answer each variable of the template, in their order: what is given, else by ``answer``."""
    from wasmctl import scaffold

    answered = dict(given)
    for key in template.variables:
        if key not in given:
            proposed = scaffold.answers(template, {"name": scaffold.name_for(folder)} | answered)
            check = scaffold.check_name if key == scaffold.NAME else str
            answered[key] = answer(key.replace("_", " ").capitalize(), proposed[key], check)
    return answered


def _show_templates(templates: "tuple[Template, ...]", output_format: Format) -> None:
    if output_format is Format.JSON:
        show_json([_described(template) for template in templates])
        return
    for template in templates:
        console().print(f"{template.language}  [bold]{template.name}[/]")
        console().print(f"  {template.description}")
        for key, default in template.variables.items():
            console().print(f"  --set {key}={default}", style="dim", markup=False)


def _described(template: "Template") -> dict[str, Any]:
    return {
        "language": template.language,
        "name": template.name,
        "description": template.description,
        "variables": dict(template.variables),
    }


def _show(made: "Made", template: "Template", output_format: Format, *, was_made: bool) -> None:
    enter = [f"cd {shlex.quote(str(made.folder))}"] if made.folder != Path() else []
    steps = [*enter, "wasmctl build", "wasmctl test"] if was_made else []
    if output_format is Format.JSON:
        paths = [path.as_posix() for path in made.files]
        chosen = {"language": template.language, "template": template.name}
        show_json({"path": str(made.folder), **chosen, "files": paths, "next": steps})
        return
    console().print(_tree(made))
    if was_made:
        typer.echo("\nNext:\n" + "".join(f"  {step}\n" for step in steps), nl=False)
    else:
        typer.echo("\nnothing was made: this was a dry run")


def _tree(made: "Made") -> Any:  # noqa: ANN401 - rich's Tree, imported late
    from rich.markup import escape
    from rich.tree import Tree

    root = Tree(escape(str(made.folder)))
    branches = {Path(): root}
    for file in made.files:
        for path in (*reversed(file.parents), file):
            if path not in branches:
                branches[path] = branches[path.parent].add(escape(path.name))
    return root
