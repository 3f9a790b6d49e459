import pytest

pytest.register_assert_rewrite("tests.contract.worlds", "tests.contract.cases")
