"""Every way to write a key in TOML has its line."""

from __future__ import annotations

import tomllib

from fhir_facade.settings.document import walk
from fhir_facade.settings.lines import lines_of

TEXT = '''\
top = 1
"a.b".c = { d = 2, e.f = [1,
  2, { g = 1 }] }  # a comment

[plain] # a comment
key = """
more
lines"""
after = 1

[[list.of]]
n = "x"
[list.of.inner]
z = 1
[[list.of]]
# a comment
n = 1979-05-27
[[list.of.deeper]]
m = [ # a comment
  1,
  # another
  2]
[outside]
'''


def test_every_key_has_its_line() -> None:
    lines = lines_of(TEXT)
    assert {path for path, _ in walk(tomllib.loads(TEXT)) if path} == lines.keys()
    expected = {
        ("top",): 1,
        ("a.b", "c", "d"): 2,
        ("a.b", "c", "e", "f", 1): 3,
        ("a.b", "c", "e", "f", 2, "g"): 3,
        ("plain",): 5,
        ("plain", "key"): 6,
        ("plain", "after"): 9,
        ("list", "of", 0): 11,
        ("list", "of", 0, "inner", "z"): 14,
        ("list", "of", 1): 15,
        ("list", "of", 1, "n"): 17,
        ("list", "of", 1, "deeper", 0, "m", 1): 22,
        ("outside",): 23,
    }
    assert {path: lines[path] for path in expected} == expected


def test_a_text_of_several_lines_shifts_nothing() -> None:
    assert lines_of("q = '''\nSELECT 1\n'''\nr = 1\n") == {("q",): 1, ("r",): 4}
