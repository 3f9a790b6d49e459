"""The product's version. CHANGELOG.md says what each version brought."""

VERSION = "0.1.0"
