"""A mistake in the YAML is told in the line where it is, however far below it the parser stumbles over it."""

import re
import warnings

import pytest

from infra.config.document import parse
from infra.config.problem import ConfigError

FILE = """tags: {team: "a"}
endpoints:
  churn:
    model_package_group: Churn
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/churn/
  fraud:
    model_package_group: Fraud
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/fraud/
"""
QUOTES = "close the quotes that begin in this line"
BRACKET = "close the bracket that begins in this line"
COMMAS = "put a comma between two items, and close the bracket that begins in this line"
COLON = "write a colon and a space after the name"
BESIDE = "give the line the indentation of the keys beside it, or correct the line before it"
INDENT_OR_QUOTE = "give the line the indentation of the keys beside it, or put a value with a colon in quotes"
SPACES = "replace the tab by spaces"
QUOTE = "put the value in quotes"


def told(text: str) -> list[tuple[int, str]]:
    """The line and the fix of each problem."""
    try:
        document = parse("endpoints.yaml", text)
    except ConfigError as error:
        found = re.findall(r"^endpoints.yaml:([0-9]+).*\n.*\n.*\n  fix      (.*)$", str(error), re.MULTILINE)
        return [(int(line), fix) for line, fix in found]
    return [(line, problem.fix) for line, problem in document.problems]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "fix"),
    [
        # Quotes that are not closed, up to the end of the file or up to the next quotes
        ('"a"}', '"a}', 1, QUOTES),
        ("Churn", '"Churn', 4, QUOTES),
        ("Churn", "'Churn", 4, QUOTES),
        ("Fraud\n", '"Fraud\n', 8, QUOTES),
        ("Churn\n    variant: {instance_type: ml", '"Churn\n    variant: {instance_type: "ml', 4, QUOTES),
        ("Churn\n", "'Churn\n    # The group isn't new.\n", 4, QUOTES),
        ("churn:\n", '"churn:\n', 3, QUOTES),
        # Brackets that are not closed, or lack a comma
        ("ml.m5.large}", "ml.m5.large", 5, BRACKET),
        ("ml.m5.large}", "ml.m5.large]", 5, BRACKET),
        ("{instance_type: ml.m5.large}", "[ml.m5.large", 5, BRACKET),
        ("{instance_type: ml.m5.large}", "{\n      instance_type: ml.m5.large", 5, BRACKET),
        ("{instance_type: ml.m5.large}", "{\n      instance_type: ml.m5.large,", 5, BRACKET),
        ("{instance_type: ml.m5.large}", "{serverless: {memory_mb: 2048}", 5, BRACKET),
        ("ml.m5.large}\n    model_artifacts: s3://models/fraud/\n", "ml.m5.large\n", 9, BRACKET),
        ("{instance_type: ml.m5.large}", "{instance_type: ml.m5.large instance_count: 2}", 5, COMMAS),
        ("{instance_type: ml.m5.large}", "{instance_type: ml.m5.large,, instance_count: 2}", 5, COMMAS),
        (
            "{instance_type: ml.m5.large}",
            "{\n      instance_type: ml.m5.large\n      instance_count: 2\n    }",
            6,
            "write a comma at the end of the line",
        ),
        # Tabs and other characters that look like spaces
        ("    variant", "\tvariant", 5, SPACES),
        ("    variant", "  \tvariant", 5, SPACES),
        ("variant: {", "variant:\t{", 5, SPACES),
        ("    variant", "\u00a0\u00a0\u00a0\u00a0variant", 5, "replace U+00A0 by spaces"),
        ("    variant", "  \u3000variant", 5, "replace U+3000 by spaces"),
        # Keys twice
        ("    variant", "    model_package_group: Other\n    variant", 5, "remove one of the two"),
        ("  fraud:", "  churn:", 7, "remove one of the two"),
        ('{team: "a"}', "{team: a, team: b}", 1, "remove one of the two"),
        # Indentation
        ("    variant", "      variant", 5, INDENT_OR_QUOTE),
        ("    variant", "   variant", 5, BESIDE),
        ("    model_artifacts", "        model_artifacts", 6, BESIDE),
        ("  fraud:", " fraud:", 7, BESIDE),
        ("  fraud:", "   fraud:", 7, BESIDE),
        ("    variant", "    - variant", 5, BESIDE),
        # Colons
        ("  churn:\n", "  churn\n", 3, COLON),
        ("  churn:\n", "  churn  # the first:\n", 3, COLON),
        ("group: Churn", "group:Churn", 4, COLON),
        ("fraud/\n", "fraud/\n  other\n", 11, COLON),
        ("group: Churn", "group: Churn: x", 4, INDENT_OR_QUOTE),
        ("{instance_type: ml.m5.large}", "instance_type: ml.m5.large}", 5, INDENT_OR_QUOTE),
        # What YAML reserves, and what a merge leaves
        ("Churn", "@churn", 4, QUOTE),
        ("Churn", "`churn`", 4, QUOTE),
        ("Churn", "%churn", 4, QUOTE),
        ("Churn", "*churn", 4, "write the value itself"),
        ("Churn", '"a\\qb"', 4, "write two backslashes for one, or use single quotes"),
        ("Churn", "Ch\x07urn", 4, "remove the character"),
        ("    variant", "<<<<<<< HEAD\n    variant", 5, "resolve the conflict of the merge"),
        ("    variant", "=======\n    variant", 5, "resolve the conflict of the merge"),
        ("fraud/\n", "fraud/\n---\nendpoints: {}\n", 11, "remove the line and what follows it"),
    ],
)
def test_a_mistake_is_told_in_its_line(right: str, wrong: str, line: int, fix: str) -> None:
    assert right in FILE
    assert told(FILE.replace(right, wrong, 1)) == [(line, fix)]


def test_windows_line_ends_do_not_change_the_line() -> None:
    assert told(FILE.replace("Churn", '"Churn').replace("\n", "\r\n")) == [(4, QUOTES)]


def test_the_file_without_the_mistake_has_no_problem() -> None:
    assert told(FILE) == []


def test_an_anchor_that_is_used_again_prints_nothing() -> None:
    text = FILE.replace("Churn", "&group Churn").replace("Fraud", "&group Fraud") + "    tags: {group: *group}\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        document = parse("endpoints.yaml", text)
    assert document.data["endpoints"]["fraud"]["tags"] == {"group": "Fraud"}
