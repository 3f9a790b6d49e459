"""AWS on one machine, with the app deployed into it.

`clock` is simulated time. Each AWS service has a folder: `cloudformation`, `cloudwatch`, `dynamodb`, `ecr`, `events`
(EventBridge), `functions` (Lambda), `iam`, `s3`, `sagemaker`, `sqs`, `ssm`. `server` puts the services together and
serves them over HTTP, with faults, callers' requests and the routes under /_sandbox/. None of these imports or names
the product. `app` deploys the product into a sandbox, and `demo` shows it there. tests/sandbox/test_layout.py enforces
this.
"""
