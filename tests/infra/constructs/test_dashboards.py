"""The text widget of an endpoint's dashboard: whom to ask."""

import dataclasses

from infra.constructs.dashboards import contacts_widget
from lambdas.gate.spec.contacts import Contacts
from tests.lambdas.builders import SPEC


def test_an_entry_without_contacts_has_no_widget() -> None:
    assert contacts_widget(SPEC) == []


def test_contacts_are_code_so_that_no_markup_of_them_counts() -> None:
    spec = dataclasses.replace(SPEC, contacts=Contacts("# Fraud", "[x](https://x.example)"))
    assert [widget["properties"]["markdown"] for widget in contacts_widget(spec)] == [
        "Contacts\n\n    owner: # Fraud\n    on call: [x](https://x.example)"
    ]
