import pytest

pytest.register_assert_rewrite("tests.simulation.contract.worlds", "tests.simulation.contract.cases")
