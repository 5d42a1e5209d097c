"""``wasmctl init``."""

import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import console, note, show_json
from wasmctl.cli.questions import Answer, ask, can_ask, choose, take_default
from wasmctl.errors import UsageError

if TYPE_CHECKING:
    from wasmctl.scaffold import Existing, Made, Template


def _languages() -> list[str]:
    from wasmctl.languages import LANGUAGES

    return list(LANGUAGES)


def _policies() -> list[str]:
    from wasmctl.scaffold import Existing

    return [policy.value for policy in Existing]


def _template_names() -> list[str]:
    from wasmctl import scaffold

    return list(dict.fromkeys(template.name for template in scaffold.templates()))


FolderArgument = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="The new project's folder.", show_default=False),
]

LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--lang", metavar="NAME", help="What it is written in.", autocompletion=_languages
    ),
]

TemplateOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEMPLATE",
        help="What it starts from: a name of `--list`, a folder, or"
        " git+URL[@REF][#subdirectory=DIR].",
        autocompletion=_template_names,
    ),
]

NameOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="The project's name, else made of DIR.")
]

SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Answer a question of the template."),
]

DefaultsOption = Annotated[bool, typer.Option("--defaults", help="Ask nothing.")]

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be made, and make nothing.")
]

IntoExistingOption = Annotated[
    str,
    typer.Option(
        "--into-existing",
        metavar="POLICY",
        help="What becomes of files in the way: fail, skip or overwrite.",
        autocompletion=_policies,
    ),
]

TrustHooksOption = Annotated[
    bool, typer.Option("--trust-hooks", help="Run the programs that a template brings.")
]

ListOnlyOption = Annotated[bool, typer.Option("--list", help="List the templates and exit.")]


def command(
    folder: FolderArgument = None,
    language: LanguageOption = None,
    template: TemplateOption = None,
    name: NameOption = None,
    settings: SettingsOption = None,
    defaults: DefaultsOption = False,
    dry_run: DryRunOption = False,
    into_existing: IntoExistingOption = "fail",
    trust_hooks: TrustHooksOption = False,
    list_only: ListOnlyOption = False,
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
    existing = _existing(into_existing)
    place = folder or _folder(answer, existing)
    scaffold.check_folder(place, existing)
    with _chosen(language, template, answer) as chosen:
        answered = _answers(chosen, _given(settings or [], name), place, answer)
        if dry_run:
            made = scaffold.preview(place, chosen, answered, existing=existing)
        else:
            made = scaffold.create(
                place, chosen, answered, existing=existing, trust_hooks=trust_hooks
            )
        _show(made, chosen, output_format, was_made=not dry_run)
        if chosen.hooks and not trust_hooks:
            _tell_of_hooks(chosen)


def _folder(answer: Answer, existing: "Existing") -> Path:
    from wasmctl import scaffold

    if answer is take_default:
        raise UsageError("no folder is named", hint="name the new project's: wasmctl init DIR")

    def free(name: str) -> str:
        scaffold.check_folder(Path(name), existing)
        return name

    return Path(answer("Folder", "my-plugin", free, ()))


def _existing(policy: str) -> "Existing":
    from wasmctl import spelling
    from wasmctl.scaffold import Existing

    if policy not in _policies():
        raise UsageError(
            f"--into-existing cannot be {policy!r}", hint=spelling.suggestion(policy, _policies())
        )
    return Existing(policy)


def _chosen(
    language: str | None, template: str | None, answer: Answer
) -> "AbstractContextManager[Template]":
    from wasmctl import scaffold

    if template is None or not scaffold.is_foreign(template):
        return nullcontext(_choose(language, template, answer))
    if language is not None:
        raise UsageError(
            "--lang is for the templates of --list", hint="leave it out: a template has its own"
        )
    return scaffold.opened(template)


def _choose(language: str | None, template: str | None, answer: Answer) -> "Template":
    from wasmctl import scaffold

    known = dict.fromkeys(_languages(), "")
    language = language or choose("Language", known, answer, scaffold.ALIASES)
    first = scaffold.find(language, template)
    if template:
        return first
    offered = {
        each.name: each.description
        for each in scaffold.templates()
        if each.language == first.language
    }
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
            known = _proposed(template, folder) | answered
            answered[key] = _answer(template, key, scaffold.answers(template, known)[key], answer)
    return answered


def _proposed(template: "Template", folder: Path) -> dict[str, str]:
    from wasmctl import scaffold

    named = scaffold.NAME in template.variables
    return {scaffold.NAME: scaffold.name_for(folder)} if named else {}


def _answer(template: "Template", key: str, proposed: str, answer: Answer) -> str:
    from wasmctl import scaffold

    question = key.replace("_", " ").capitalize()
    if key in template.choices:
        return choose(question, dict.fromkeys(template.choices[key], ""), answer)
    return answer(question, proposed, scaffold.check_name if key == scaffold.NAME else str, ())


def _show_templates(templates: "tuple[Template, ...]", output_format: Format) -> None:
    if output_format is Format.JSON:
        show_json([_described(template) for template in templates])
        return
    for name, alike in _by_name(templates).items():
        languages = ", ".join(template.language for template in alike)
        console().print(f"[bold]{name}[/]  {languages}")
        console().print(f"  {alike[0].description}", markup=False)
        for key, default in alike[0].variables.items():
            if key not in {"name", "description"}:
                console().print(f"  --set {key}={default}", style="dim", markup=False)


def _by_name(templates: "tuple[Template, ...]") -> "dict[str, list[Template]]":
    found: dict[str, list[Template]] = {}
    for template in templates:
        found.setdefault(template.name, []).append(template)
    return found


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
        met = {key: [path.as_posix() for path in found] for key, found in _met(made).items()}
        show_json({"path": str(made.folder), **chosen, "files": paths, **met, "next": steps})
        return
    console().print(_tree(made))
    for key, found in _met(made).items():
        for path in found:
            console().print(f"{key}: {path}", markup=False)
    if was_made:
        typer.echo("\nNext:\n" + "".join(f"  {step}\n" for step in steps), nl=False)
    else:
        typer.echo("\nnothing was made: this was a dry run")


def _met(made: "Made") -> dict[str, tuple[Path, ...]]:
    """Name the files that were in the way, by what became of them."""
    return {"kept": made.kept, "replaced": made.replaced}


def _tell_of_hooks(template: "Template") -> None:
    names = ", ".join(path.name for path in template.hooks)
    note(f"the template's hooks were not run: {names}; read them, then use --trust-hooks")


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
