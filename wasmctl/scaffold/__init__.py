"""Template and answers to a project folder."""

from wasmctl.scaffold.builtin import ALIASES, DEFAULT_TEMPLATE, find, templates, templates_root
from wasmctl.scaffold.foreign import is_foreign, opened
from wasmctl.scaffold.making import Made, create, preview
from wasmctl.scaffold.names import NAME, check_name, name_for
from wasmctl.scaffold.placing import Existing, check_folder
from wasmctl.scaffold.template import Template, answers

__all__ = [
    "ALIASES",
    "DEFAULT_TEMPLATE",
    "NAME",
    "Existing",
    "Made",
    "Template",
    "answers",
    "check_folder",
    "check_name",
    "create",
    "find",
    "is_foreign",
    "name_for",
    "opened",
    "preview",
    "templates",
    "templates_root",
]
