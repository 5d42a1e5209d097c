"""Template and answers to a project folder."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wasmctl import __version__, files
from wasmctl.languages import LANGUAGES
from wasmctl.scaffold import hooks, placing, rendering
from wasmctl.scaffold.builtin import schemas, templates_root
from wasmctl.scaffold.names import NAME, check_name, crate_name
from wasmctl.scaffold.placing import Existing
from wasmctl.scaffold.template import AFTER, BEFORE, Template, answers


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new project: its folder, and the files of it, relative to that and sorted.

    Attributes:
        files: all that the template has, whether made or kept.
        kept: those that were there and stayed as they were.
        replaced: those that were there and are the template's now.

    """

    folder: Path
    files: tuple[Path, ...]
    kept: tuple[Path, ...] = ()
    replaced: tuple[Path, ...] = ()


def create(
    folder: Path,
    template: Template,
    given: Mapping[str, str],
    *,
    existing: Existing = Existing.FAIL,
    trust_hooks: bool = False,
) -> Made:
    """Make a project at ``folder``: all of it, or nothing.

    A foreign template's hooks run only with ``trust_hooks``. Raises UsageError as ``answers``
    does, FilesError where the folder cannot be used, DefinitionError where the template cannot.
    """
    # Made on the disk of the project, so that it only has to be renamed.
    near = _existing(folder.resolve())
    with _rendered(folder, template, given, near, existing, trust_hooks=trust_hooks) as made:
        report = _report(made, folder, existing)
        moved = [name for name in report.files if name not in report.kept]
        placing.publish(made, moved, folder.resolve(), made.parent)
    return report


def preview(
    folder: Path,
    template: Template,
    given: Mapping[str, str],
    *,
    existing: Existing = Existing.FAIL,
) -> Made:
    """Return what ``create`` would make; raises as it does, makes nothing and runs no hooks."""
    with _rendered(folder, template, given, None, existing, trust_hooks=False) as made:
        return _report(made, folder, existing)


@contextlib.contextmanager
def _rendered(
    folder: Path,
    template: Template,
    given: Mapping[str, str],
    near: Path | None,
    existing: Existing,
    *,
    trust_hooks: bool,
) -> Iterator[Path]:
    """Give the project, made in a folder that is gone afterwards: in ``near``, if it matters."""
    answered = answers(template, given)
    if NAME in answered:
        check_name(answered[NAME])
    placing.check_folder(folder, existing)
    try:
        with tempfile.TemporaryDirectory(dir=near, prefix=".wasmctl-init-") as stage:
            yield _render(template, answered, Path(stage), trust_hooks=trust_hooks)
    except OSError as error:
        raise files.refusal(error, "create", folder) from error


def _report(made: Path, folder: Path, existing: Existing) -> Made:
    names = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    found = tuple(sorted(placing.there(names, folder)))
    if existing is Existing.SKIP:
        return Made(folder=folder, files=tuple(names), kept=found)
    return Made(folder=folder, files=tuple(names), replaced=found)


def _existing(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def _render(
    template: Template, answered: Mapping[str, str], stage: Path, *, trust_hooks: bool
) -> Path:
    made, variables = stage / "made", _variables(template, answered)
    made.mkdir()
    rendering.merged(template.layers, stage / "template")
    run = hooks.of(template, variables) if trust_hooks else hooks.none
    run(BEFORE, made)
    rendering.render(stage / "template", variables, made)
    _add_ours(template, made)
    run(AFTER, made)
    return made


def _variables(template: Template, answered: Mapping[str, str]) -> dict[str, object]:
    """Return what files of a template may name: the answers, and some words of ours."""
    known = LANGUAGES.get(template.language)
    derived: dict[str, str] = {}
    for key, expression in template.derived.items():
        derived[key] = rendering.default(expression, {**answered, **derived})
    return {
        **template.constants,
        **answered,
        **derived,
        "_copy_without_render": list(template.copied),
        "_language": template.language,
        "_language_title": known.title if known else "",
        "_template": template.name,
        "_crate": crate_name(answered.get(NAME, "")),
        "_root_id": answered.get(NAME, "").replace("-", "_"),
        "_wasmctl": __version__,
    }


def _add_ours(template: Template, made: Path) -> None:
    known = LANGUAGES.get(template.language)
    if known and known.sdk_folder:
        sdk = templates_root() / template.language / "_sdk"
        _copy(sdk, [path for path in sdk.rglob("*") if path.is_file()], made / known.sdk_folder)
    for schema in schemas():
        target = made / ".wasmctl" / f"{schema.stem}.schema.json"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(schema, target)


def _copy(source: Path, paths: list[Path], target: Path) -> None:
    for path in paths:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
