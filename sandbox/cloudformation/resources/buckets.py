"""S3 buckets and their policies.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_S3.html
"""

from typing import Any

from sandbox.cloudformation.resource import (
    NoOp,
    Physical,
    Properties,
    ResourceType,
    UnsupportedError,
    boolean,
    supported,
)
from sandbox.cloudformation.services import Services


class Bucket(ResourceType):
    type = "AWS::S3::Bucket"
    name_property = "BucketName"
    replaced_by = ("ObjectLockEnabled",)
    longest_name = 63
    _SETTINGS = (
        "AccessControl",
        "BucketEncryption",
        "LifecycleConfiguration",
        "ObjectLockConfiguration",
        "ObjectLockEnabled",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    )

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        client = services.client("s3")
        request: dict[str, Any] = {"Bucket": name}
        if services.region != "us-east-1":
            request["CreateBucketConfiguration"] = {"LocationConstraint": services.region}
        if boolean(properties.get("ObjectLockEnabled", False)):
            request["ObjectLockEnabledForBucket"] = True
        client.create_bucket(**request)
        return self.update(services, self._physical(services, name), properties, {})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client, bucket = services.client("s3"), {"Bucket": physical.id}
        given = supported(properties, *self._SETTINGS, ignored=("BucketName",))
        changed = {key: value for key, value in given.items() if value != before.get(key)}
        if gone := before.keys() - properties.keys():
            raise UnsupportedError(f"The sandbox does not remove {', '.join(sorted(gone))} from a bucket.")
        for key, value in changed.items():
            match key:
                case "VersioningConfiguration":
                    client.put_bucket_versioning(**bucket, VersioningConfiguration=value)
                case "BucketEncryption":
                    client.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration=_encryption(value))
                case "PublicAccessBlockConfiguration":
                    blocks = {name: boolean(on) for name, on in value.items()}
                    client.put_public_access_block(**bucket, PublicAccessBlockConfiguration=blocks)
                case "LifecycleConfiguration":
                    rules = [_lifecycle(rule) for rule in value["Rules"]]
                    client.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": rules})
                case "Tags":
                    client.put_bucket_tagging(**bucket, Tagging={"TagSet": value})
                case "OwnershipControls":
                    client.put_bucket_ownership_controls(**bucket, OwnershipControls=value)
                case "ObjectLockConfiguration":
                    client.put_object_lock_configuration(**bucket, ObjectLockConfiguration=value)
                case "AccessControl" if value not in ("Private", "LogDeliveryWrite"):
                    raise UnsupportedError(f"The sandbox does not model the AccessControl {value}.")
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        if self.find(services, physical.id):
            services.client("s3").delete_bucket(Bucket=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        names = [bucket["Name"] for bucket in services.client("s3").list_buckets()["Buckets"]]
        return self._physical(services, name) if name in names else None

    def _physical(self, services: Services, name: str) -> Physical:
        return Physical(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{services.region}.amazonaws.com",
            },
        )


class BucketPolicy(NoOp):
    """Not created. moto ignores conditions in bucket policies, so the bootstrap bucket's Deny of insecure transport
    would deny every upload."""

    type = "AWS::S3::BucketPolicy"


def _encryption(value: Properties) -> Properties:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        default = rule["ServerSideEncryptionByDefault"]
        keyed = {"BucketKeyEnabled": boolean(rule["BucketKeyEnabled"])} if "BucketKeyEnabled" in rule else {}
        rules.append({"ApplyServerSideEncryptionByDefault": default, **keyed})
    return {"Rules": rules}


def _lifecycle(rule: Properties) -> Properties:
    """Return a lifecycle rule with the API's names in place of CloudFormation's."""
    given = supported(
        rule,
        "Id",
        "Status",
        "AbortIncompleteMultipartUpload",
        ignored=("ExpirationInDays", "NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays", "Prefix"),
    )
    request: dict[str, Any] = {"Filter": {"Prefix": rule.get("Prefix", "")}, "Status": given["Status"]}
    if "Id" in given:
        request["ID"] = given["Id"]
    if "ExpirationInDays" in rule:
        request["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    noncurrent = rule.get("NoncurrentVersionExpirationInDays") or rule.get("NoncurrentVersionExpiration", {}).get(
        "NoncurrentDays"
    )
    if noncurrent:
        request["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(noncurrent)}
    if abort := given.get("AbortIncompleteMultipartUpload"):
        days = int(abort["DaysAfterInitiation"])
        request["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return request
