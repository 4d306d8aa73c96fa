"""YAML read as nodes, so that everything wrong with a file is told with its line."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml


class MarkedYaml:
    """One YAML file; `problems` collects (line, what is wrong) while it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[tuple[int, str]] = []

    def root(self) -> yaml.Node | None:
        """The document, or None (with a problem) when it is not readable YAML."""
        try:
            node = yaml.compose(self.file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.problem(line, f"is not YAML: {error.problem or error.context}")
            return None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.problem(1, f"is not UTF-8 YAML text: {error}")
            return None
        if node is None:
            self.problem(1, "is empty: write at least `company` and one source")
        return node

    def problem(self, where: yaml.Node | int, what: str) -> None:
        line = where if isinstance(where, int) else where.start_mark.line + 1
        self.problems.append((line, what))

    def told(self) -> list[str]:
        """`file:line: what is wrong`, in the order of the file."""
        in_order = sorted(self.problems, key=lambda problem: problem[0])
        return [f"{self.file}:{line}: {what}" for line, what in in_order]

    def mapping(
        self, node: yaml.Node, what: str, known: Collection[str] | None = None
    ) -> dict[str, yaml.Node]:
        """Key -> node; keys that are not `known`, not text or given twice are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(node, f"{what} must be a mapping of `key: value` lines")
            return {}
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            if known is not None and key not in known:
                expected = ", ".join(sorted(known))
                self.problem(key_node, f"unknown key `{key}` in {what}: known are {expected}")
            elif key in entries:
                self.problem(key_node, f"key `{key}` is given twice in {what}: keep one")
            else:
                entries[key] = value
        return entries

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if is_empty(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.problem(node, f"{what} must be a list")
            return []
        return list(node.value)

    def text(self, node: yaml.Node, what: str) -> str | None:
        """A scalar as it is written, or None (with a problem) where there is no text."""
        if not isinstance(node, yaml.ScalarNode) or is_empty(node):
            self.problem(node, f"{what} must be text")
            return None
        return str(node.value)

    def plain(self, node: yaml.Node) -> Any:
        """The node as plain Python values."""
        constructor = yaml.constructor.SafeConstructor()
        try:
            return constructor.construct_document(node)
        except yaml.MarkedYAMLError as error:
            self.problem(node, f"cannot be read: {error.problem}")
            return None


def is_empty(node: yaml.Node) -> bool:
    """True for `key:` without a value and for `null`."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
