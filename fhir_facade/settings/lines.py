"""The line of every key of a TOML text, by the key's path.

``tomllib`` reads the values and judges the syntax; it keeps no positions, so they are read from tree-sitter's tree of
the same text.  A path that the tree misses has the line of the nearest key above it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from fhir_facade.settings.faults import KeyPath

TOML = Language(tree_sitter_toml.language())
IGNORED = ("comment", "ERROR")


def lines_of(text: str) -> dict[KeyPath, int]:
    """Path to line, counting from 1, of a text that ``tomllib`` has accepted."""
    lines: dict[KeyPath, int] = {}
    lengths: dict[KeyPath, int] = defaultdict(int)
    for node in Parser(TOML).parse(text.encode()).root_node.named_children:
        for path, line in _entries(node, (), lengths):
            lines.setdefault(path, line)
    return lines


def _entries(node: Node, above: KeyPath, lengths: dict[KeyPath, int]) -> Iterator[tuple[KeyPath, int]]:
    """The paths under a pair or a table; ``lengths`` counts the tables of each list of tables so far."""
    if node.type in IGNORED or not node.named_children:
        return
    key, *rest = node.named_children
    path = _inside(above, _names(key), lengths)
    if node.type == "table_array_element":
        lengths[path] += 1
        yield path, _line(node)
        path = (*path, lengths[path] - 1)
    for end in range(len(above) + 1, len(path) + 1):
        yield path[:end], _line(node)
    for child in rest:
        yield from _entries(child, path, lengths) if child.type == "pair" else _values(child, path, lengths)


def _values(node: Node, path: KeyPath, lengths: dict[KeyPath, int]) -> Iterator[tuple[KeyPath, int]]:
    """The paths inside an inline table or a list."""
    if node.type == "inline_table":
        for child in node.named_children:
            yield from _entries(child, path, lengths)
    if node.type == "array":
        for index, child in enumerate(child for child in node.named_children if child.type not in IGNORED):
            yield (*path, index), _line(child)
            yield from _values(child, (*path, index), lengths)


def _inside(above: KeyPath, names: list[str], lengths: dict[KeyPath, int]) -> KeyPath:
    """The path of a key; a list of tables on the way stands for its latest table."""
    path = above
    for position, name in enumerate(names):
        path = (*path, name)
        if position < len(names) - 1 and lengths.get(path):
            path = (*path, lengths[path] - 1)
    return path


def _names(key: Node) -> list[str]:
    if key.type == "dotted_key":
        return [name for child in key.named_children for name in _names(child)]
    text = (key.text or b"").decode()
    return [text[1:-1] if key.type == "quoted_key" else text]


def _line(node: Node) -> int:
    return node.start_point[0] + 1
