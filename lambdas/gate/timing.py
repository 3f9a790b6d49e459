"""The times that depend on each other, in seconds. Infra sets the functions and the queue from them."""

FUNCTION_TIMEOUT = 60
"""The timeout of the deployer and the publisher."""
JANITOR_TIMEOUT = 900
"""The timeout of the janitor, which reads everything once a day. Lambda allows no longer one."""
LANDING = 30
"""When a function ends or gives up on a call, AWS executes the call within this time or never."""
LOCK = FUNCTION_TIMEOUT + LANDING
"""While an open intent is younger than this, another invocation is working on it. No function runs longer."""
VISIBILITY_TIMEOUT = 6 * FUNCTION_TIMEOUT
"""The inbox's visibility timeout. AWS asks for at least six times the function's timeout.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
ORDERS_VISIBILITY_TIMEOUT = FUNCTION_TIMEOUT + LANDING
"""That of the queue of orders: an order whose function died comes again well before it expires. If a function is held
up and the order comes twice, the second one does nothing, because the head knows its id."""
CAPACITY_SECONDS = 14_400
"""How long a rollout is tried again if there is no capacity, unless the spec says otherwise."""
PUBLISH_SECONDS = 60
"""The time between two datapoints of an endpoint's metrics, unless MetricsConfig says otherwise."""
MAXIMUM_DELAY = 900
"""The longest DelaySeconds of SQS."""
