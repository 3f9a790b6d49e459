"""Every operation of the product has a case, and none of what a comparison leaves out is read by the product."""

from simulation.world.operations import READS, operations
from simulation.world.world import World
from tests.simulation.contract.differences import LEFT_OUT, OPAQUE, SIMULATED
from tests.simulation.contract.shapes import operation_model
from tests.simulation.contract.test_refusals import CASES
from world.assumptions import Assumptions

PRODUCT = {(service, operation) for service, known in SIMULATED.items() for operation in known}
FAKES = {
    (service, operation)
    for service, methods in operations(World(Assumptions())).items()
    for operation, _ in methods.values()
}
PAGED = {("cloudwatch", "DescribeAlarmHistory"), ("dynamodb", "Query")}
"""Compared by all of their pages, in tests of their own."""


def test_the_simulation_offers_what_the_product_calls_and_no_more() -> None:
    assert FAKES == PRODUCT


def test_every_operation_has_a_case() -> None:
    assert {(case.service, case.operation) for case in CASES} | PAGED == PRODUCT


def test_every_operation_that_the_product_tells_refusals_of_has_one() -> None:
    refused = {case.operation for case in CASES if case.refused}
    assert refused == {
        "BatchGetImage",
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateModel",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeModel",
        "DescribeModelPackage",
        "DeleteEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
        "GetObject",
        "GetParameter",
        "HeadObject",
        "InvokeEndpoint",
        "ListModelPackages",
        "ListTags",
        "PutObject",
        "TransactWriteItems",
        "UpdateEndpoint",
        "UpdateModelPackage",
    }


def test_what_is_left_out_is_a_field_of_the_answer() -> None:
    services = {operation: service for service, operation in PRODUCT}
    for operation, paths in {**LEFT_OUT, **OPAQUE}.items():
        for path in paths:
            shape = operation_model(services[operation], operation).output_shape
            for step in path.split("."):
                shape = shape.members[step.removesuffix("[]")]
                shape = shape.member if step.endswith("[]") else shape


def test_reads_are_known_as_such() -> None:
    changing = ("Create", "Update", "Put", "Delete", "Send", "Transact", "Publish", "Register", "Deregister")
    assert {operation for _, operation in FAKES if not operation.startswith(changing)} == READS
