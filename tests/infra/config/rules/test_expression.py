"""Expressions of JMESPath as synth reads them. What messages say of wrong ones is in mistakes.txt."""

import pytest

from infra.config.rules.expression import problems


@pytest.mark.parametrize(
    "expression",
    [
        "live",
        "!live",
        "!(metrics.Bias.Report.failed)",
        "!contains(metrics.Bias.Report.flags, 'bad')",
        "metrics.Bias.Report | length(@) > `0` && *.x | [0] == `1`",
        "@.live.metrics.Bias.Report.x > `1`",
        "package | MetadataProperties.CommitId == 'x'",
        "metrics.ModelQuality.Statistics | x.y >= `0.8`",
        "`0.8` <= metrics.ModelQuality.Statistics.x",
        "package.InferenceSpecification.Containers[0].Image == 'x'",
        "package.InferenceSpecification.Containers[:2].Image | length(@) == `2`",
        "package.InferenceSpecification.Containers[?Image == 'x'].ModelDataUrl == `[]`",
        "length(package.AdditionalInferenceSpecifications[].Containers[]) == `0`",
        "max_by(metrics.Bias.Report.facets, &value).value < `1`",
        "sort_by(metrics.Bias.Report.facets, &value)[-1].value < `1`",
        "metrics.*.Statistics.x | length(@) == `2`",
        "{mine: metrics, theirs: live.metrics}.mine != `null`",
        "[metrics, live.metrics] | [0] == [1]",
        "package.CustomerMetadataProperties.anything == customer_metadata.anything",
        "contains(keys(customer_metadata), 'risk_review') && not_null(model_card.status, 'none') == 'Approved'",
        "lifecycle.Stage == 'Production' || live.lifecycle.StageStatus == 'Approved'",
        "model_card.content.evaluation_details[0].metric_groups != `null`",
    ],
)
def test_what_the_document_may_answer_is_taken(expression: str) -> None:
    assert list(problems(expression)) == []


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("@.metric", "the unknown field `metric`"),
        ("package | CommitId == 'x'", "the unknown field `CommitId`"),
        ("live | live", "the unknown field `live`"),
        ("!metric", "the unknown field `metric`"),
        ("live && (lifecycle.Stage == 'x' || metric)", "the unknown field `metric`"),
        ("contains(metric, 'x')", "the unknown field `metric`"),
        ("[metric] == `[]`", "the unknown field `metric`"),
        ("{metrics: metric} == `{}`", "the unknown field `metric`"),
        ("metric[0].x == `1`", "the unknown field `metric`"),
        ("metric[?x].x == `1`", "the unknown field `metric`"),
        ("metrics.Bias.Reports.x > `1`", "the unknown field `Reports`"),
        ("model_card.state == 'x'", "the unknown field `state`"),
        ("length(package.ModelPackageName, 'x') == `1`", "`length` with 2 arguments"),
        ("max_by(metrics.Bias.Report.facets) == `1`", "`max_by` with 1 argument"),
        ("metrics.Bias.Report.facets[?maximum(@) > `1`] == `[]`", "the unknown function `maximum`"),
        ("metrics.Bias.Report.x > `true`", "an order comparison with true"),
        ("'1' < metrics.Bias.Report.x", 'an order comparison with "1"'),
        ("!contains(to_string(@), 'failed')", "the whole document"),
        ("length(*) > `0`", "the whole document"),
        ("live == `null` || @ == `{}`", "the whole document"),
        ("!metrics.Bias.Report.failed", "`!` before a path"),
        ("live == `null` || !live.metrics.Bias.Report.failed", "`!` before a path"),
    ],
)
def test_what_it_could_never_answer_is_found(expression: str, found: str) -> None:
    assert [problem.found for problem in problems(expression)] == [found]
