"""The times that must fit each other, in seconds. Infra sets the function and the queue from them."""

FUNCTION_TIMEOUT = 60
"""Of the deployer and the publisher."""
JANITOR_TIMEOUT = 900
"""Lambda's longest: the janitor reads all that there is, once a day."""
LANDING = 30
"""A call whose function has ended, or gave up on it, is executed within this or never."""
LOCK = FUNCTION_TIMEOUT + LANDING
"""An open intent younger than this is another invocation at work. Longer than the function can run."""
VISIBILITY_TIMEOUT = 6 * FUNCTION_TIMEOUT
"""Of the inbox: AWS asks for at least six times the function's timeout.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
CAPACITY_SECONDS = 14_400
"""How long what found no capacity is tried again, unless the spec says otherwise."""
PUBLISH_SECONDS = 60
"""Between two datapoints of an endpoint's metrics, unless MetricsConfig says otherwise."""
MAXIMUM_DELAY = 900
"""SQS's longest DelaySeconds."""
