"""One dashboard for the whole gate. Searches instead of a metric per endpoint, so that it never grows."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.gate import names


class Overview(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        functions: list[lambda_.IFunction],
        inbox: sqs.IQueue,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        period = Duration.minutes(5)
        found_by = f"SEARCH('Namespace=\"{names.METRIC_NAMESPACE}\"', 'Sum', {period.to_seconds()})"
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(Stack.of(self).region),
            widgets=[
                [
                    cloudwatch.GraphWidget(
                        title="What the gate did",
                        width=24,
                        left=[
                            cloudwatch.MathExpression(expression=found_by, label="", using_metrics={}, period=period)
                        ],
                    )
                ],
                [
                    cloudwatch.GraphWidget(
                        title="Errors and throttles of the functions",
                        width=8,
                        left=[
                            metric
                            for function in functions
                            for metric in (
                                function.metric_errors(period=period, label=f"{function.function_name} errors"),
                                function.metric_throttles(period=period, label=f"{function.function_name} throttles"),
                            )
                        ],
                    ),
                    cloudwatch.GraphWidget(
                        title="Inbox: waiting, and the age of the oldest in seconds",
                        width=8,
                        left=[inbox.metric_approximate_number_of_messages_visible(period=period, statistic="Maximum")],
                        right=[inbox.metric_approximate_age_of_oldest_message(period=period, statistic="Maximum")],
                    ),
                    cloudwatch.GraphWidget(
                        title="Dead letters",
                        width=8,
                        left=[
                            dead_letters.metric_approximate_number_of_messages_visible(
                                period=period, statistic="Maximum"
                            )
                        ],
                    ),
                ],
            ],
        )
