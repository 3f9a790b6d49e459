"""What a change set lists, as `cdk diff` reads it."""

from typing import Any

import pytest

from tests.sandbox.cloudformation.cdk import Cdk, Resources

SPEC = "/approval-gate/endpoints/churn"


def parameter(value: Any, name: Any = SPEC, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value, **properties}}


def queue(name: Any, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **properties}}


def proposed(cdk: Cdk, before: Resources, after: Resources, **request: Any) -> list[dict[str, Any]]:
    assert cdk.deploy(before, **request.pop("first", {})) == "CREATE_COMPLETE"
    changes = cdk.propose(after, "UPDATE", **request)["Changes"]
    assert [change["Type"] for change in changes] == ["Resource"] * len(changes)
    return [change["ResourceChange"] for change in changes]


def modified(name: str, type_: str, physical: str, *details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Action": "Modify",
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "ResourceType": type_,
        "Replacement": "False",
        "Scope": ["Properties"],
        "Details": list(details),
        **more,
    }


def of_property(
    name: str, evaluation: str, source: str, causing: str = "", recreation: str = "Never"
) -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    entity = {"CausingEntity": causing} if causing else {}
    return {"Target": target, "Evaluation": evaluation, "ChangeSource": source, **entity}


def test_a_changed_value_of_a_spec_is_a_detail_of_its_property(cdk: Cdk) -> None:
    changes = proposed(cdk, {"Spec": parameter("one")}, {"Spec": parameter("two")})
    expected = of_property("Value", "Static", "DirectModification")
    assert changes == [modified("Spec", "AWS::SSM::Parameter", SPEC, expected)]


def test_a_value_that_is_known_only_at_the_execution_is_dynamic(cdk: Cdk) -> None:
    def spec(text: str) -> Resources:
        value = {"Fn::Join": ["", [text, {"Fn::GetAtt": ["Q", "Arn"]}]]}
        return {"Q": queue("q"), "Spec": parameter(value)}

    expected = of_property("Value", "Dynamic", "DirectModification")
    assert proposed(cdk, spec("one"), spec("two")) == [modified("Spec", "AWS::SSM::Parameter", SPEC, expected)]


def test_a_value_with_only_pseudo_parameters_is_static(cdk: Cdk) -> None:
    before, after = ({"Spec": parameter({"Fn::Sub": f"{text}-${{AWS::Region}}"})} for text in ("one", "two"))
    expected = of_property("Value", "Static", "DirectModification")
    assert proposed(cdk, before, after) == [modified("Spec", "AWS::SSM::Parameter", SPEC, expected)]


def test_each_changed_property_has_a_detail_and_tags_are_an_attribute_of_their_own(cdk: Cdk) -> None:
    before = parameter("one", Description="d", Tags={"team": "a"})
    after = parameter("two", Tier="Advanced", Tags={"team": "b"})
    tags = {
        "Target": {"Attribute": "Tags", "RequiresRecreation": "Never"},
        "Evaluation": "Static",
        "ChangeSource": "DirectModification",
    }
    details = [of_property(name, "Static", "DirectModification") for name in ("Value", "Description", "Tier")]
    expected = modified(
        "Spec", "AWS::SSM::Parameter", SPEC, *details[:2], tags, details[2], Scope=["Properties", "Tags"]
    )
    assert proposed(cdk, {"Spec": before}, {"Spec": after}) == [expected]


def test_a_changed_policy_or_metadata_is_an_attribute(cdk: Cdk) -> None:
    after = {**parameter("one"), "DeletionPolicy": "Retain", "Metadata": {"m": 1}}
    details = [
        {
            "Target": {"Attribute": attribute, "RequiresRecreation": "Never"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for attribute in ("Metadata", "DeletionPolicy")
    ]
    expected = modified("Spec", "AWS::SSM::Parameter", SPEC, *details, Scope=["Metadata", "DeletionPolicy"])
    assert proposed(cdk, {"Spec": parameter("one")}, {"Spec": after}) == [expected]


def test_a_changed_parameter_is_the_cause_of_the_change(cdk: Cdk) -> None:
    def given(value: str) -> list[dict[str, str]]:
        return [{"ParameterKey": "Words", "ParameterValue": value}]

    resources = {"Spec": parameter({"Ref": "Words"}), "Other": queue("q")}
    template = {"Parameters": {"Words": {"Type": "String"}}}
    first = {"template": template, "Parameters": given("one")}
    changes = proposed(cdk, resources, resources, first=first, template=template, Parameters=given("two"))
    details = (
        of_property("Value", "Dynamic", "DirectModification"),
        of_property("Value", "Static", "ParameterReference", "Words"),
    )
    assert changes == [modified("Spec", "AWS::SSM::Parameter", SPEC, *details)]


@pytest.mark.parametrize(("policy", "action"), [("Delete", "ReplaceAndDelete"), ("Retain", "ReplaceAndRetain")])
def test_a_resource_that_is_replaced_changes_those_that_name_it(cdk: Cdk, policy: str, action: str) -> None:
    def resources(name: str) -> Resources:
        return {
            "Q": {**queue(name), "UpdateReplacePolicy": policy},
            "Url": parameter({"Ref": "Q"}, "/url"),
            "Arn": parameter({"Fn::Sub": "${Q.Arn}"}, "/arn"),
        }

    changes = proposed(cdk, resources("one"), resources("two"))
    name = of_property("QueueName", "Static", "DirectModification", recreation="Always")
    url = of_property("Value", "Dynamic", "ResourceReference", "Q")
    arn = of_property("Value", "Dynamic", "ResourceAttribute", "Q.Arn")
    assert changes == [
        modified(
            "Q", "AWS::SQS::Queue", changes[0]["PhysicalResourceId"], name, Replacement="True", PolicyAction=action
        ),
        modified("Url", "AWS::SSM::Parameter", "/url", url),
        modified("Arn", "AWS::SSM::Parameter", "/arn", arn),
    ]


def test_a_resource_that_is_changed_in_place_may_change_its_attributes_but_not_its_id(cdk: Cdk) -> None:
    def resources(seconds: int) -> Resources:
        return {
            "Q": queue("q", VisibilityTimeout=seconds),
            "Url": parameter({"Ref": "Q"}, "/url"),
            "Arn": parameter({"Fn::GetAtt": ["Q", "Arn"]}, "/arn"),
        }

    q, arn = proposed(cdk, resources(30), resources(60))
    assert q["Details"] == [of_property("VisibilityTimeout", "Static", "DirectModification")]
    assert arn == modified(
        "Arn", "AWS::SSM::Parameter", "/arn", of_property("Value", "Dynamic", "ResourceAttribute", "Q.Arn")
    )


def test_a_name_that_may_change_replaces_conditionally(cdk: Cdk) -> None:
    def resources(seconds: int) -> Resources:
        name = {"Fn::Join": ["", ["/", {"Fn::GetAtt": ["Q", "QueueName"]}]]}
        return {"Q": queue("q", VisibilityTimeout=seconds), "P": parameter("v", name)}

    _, changed = proposed(cdk, resources(30), resources(60))
    detail = of_property("Name", "Dynamic", "ResourceAttribute", "Q.QueueName", recreation="Always")
    assert changed == modified("P", "AWS::SSM::Parameter", "/q", detail, Replacement="Conditional")


def test_a_new_resource_that_is_named_is_a_cause_beside_the_change_of_the_template(cdk: Cdk) -> None:
    after = {"Q": queue("q"), "Spec": parameter({"Fn::GetAtt": ["Q", "Arn"]})}
    added, changed = proposed(cdk, {"Spec": parameter("one")}, after)
    assert added == {
        "Action": "Add",
        "LogicalResourceId": "Q",
        "ResourceType": "AWS::SQS::Queue",
        "Scope": [],
        "Details": [],
    }
    assert changed["Details"] == [
        of_property("Value", "Dynamic", "DirectModification"),
        of_property("Value", "Static", "ResourceAttribute", "Q.Arn"),
    ]


def test_a_removed_resource_is_listed_last_with_what_becomes_of_it(cdk: Cdk) -> None:
    kept = {**parameter("kept", "/kept"), "DeletionPolicy": "Retain"}
    changes = proposed(
        cdk, {"Gone": parameter("gone", "/gone"), "Kept": kept, "Q": queue("q")}, {"R": queue("r"), "Q": queue("q")}
    )
    assert [(each["Action"], each["LogicalResourceId"], each.get("PolicyAction")) for each in changes] == [
        ("Add", "R", None),
        ("Remove", "Gone", "Delete"),
        ("Remove", "Kept", "Retain"),
    ]
    assert changes[1] == {
        "PolicyAction": "Delete",
        "Action": "Remove",
        "LogicalResourceId": "Gone",
        "PhysicalResourceId": "/gone",
        "ResourceType": "AWS::SSM::Parameter",
        "Scope": [],
        "Details": [],
    }


def test_a_resource_whose_condition_is_false_is_not_listed(cdk: Cdk) -> None:
    conditions = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    resources = {"Q": queue("q"), "P": {**parameter("v"), "Condition": "Never"}}
    changes = cdk.propose(resources, "CREATE", template=conditions)["Changes"]
    assert [change["ResourceChange"]["LogicalResourceId"] for change in changes] == ["Q"]


def test_the_first_change_set_of_a_stack_adds_everything_without_details(cdk: Cdk) -> None:
    changes = cdk.propose({"Spec": parameter("one")}, "CREATE")["Changes"]
    added = {
        "Action": "Add",
        "LogicalResourceId": "Spec",
        "ResourceType": "AWS::SSM::Parameter",
        "Scope": [],
        "Details": [],
    }
    assert changes == [{"Type": "Resource", "ResourceChange": added}]
