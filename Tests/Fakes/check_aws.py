"""boto3 is served by the fake as by AWS: Secrets Manager and STS, which are moto's, with every signature checked.

moto checks with botocore's own signer, so that a wrong signer of botocore would not show; the agent's tests compare with
AWS's published examples besides. What boto3 cannot show: dates with an exponent (its JSON reads any number), and that
everything wrong has status 400; the last check looks at both. Redirects and scripted answers need no client to judge them.
"""

from __future__ import annotations

import datetime
import json
import os
import time

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from checking import Fake, isolate, raises

ONCE = Config(retries={"total_max_attempts": 1}, region_name="eu-west-1")


def client(fake: Fake, service: str = "secretsmanager", keys: dict[str, str] | None = None, prefix: str = ""):
    keys = keys or {name: fake.details[prefix + name] for name in ("access-key-id", "secret-access-key")}
    return boto3.client(
        service,
        endpoint_url=fake.address,
        verify=fake.authority,
        aws_access_key_id=keys["access-key-id"],
        aws_secret_access_key=keys["secret-access-key"],
        aws_session_token=keys.get("session-token"),
        config=ONCE,
    )


def refused(code: str, work, *texts: str) -> dict:
    problem = raises(ClientError, work, *texts)
    assert problem.response["Error"]["Code"] == code, problem
    return problem.response


def operations(fake: Fake) -> None:
    aws = client(fake)
    tags = [{"Key": "namespace", "Value": "company.team"}, {"Key": "key", "Value": "DB"}]
    created = aws.create_secret(Name="kestra/company.team/DB", SecretString="made up", Tags=tags)
    assert created["ARN"].startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:kestra/company.team/DB-")
    value = aws.get_secret_value(SecretId=created["ARN"])
    assert value["SecretString"] == "made up" and value["VersionStages"] == ["AWSCURRENT"]
    assert abs(value["CreatedDate"].timestamp() - time.time()) < 60

    put = aws.put_secret_value(SecretId="kestra/company.team/DB", SecretString="changed")
    assert aws.get_secret_value(SecretId=created["ARN"])["VersionId"] == put["VersionId"]
    before = aws.get_secret_value(SecretId=created["ARN"], VersionStage="AWSPREVIOUS")
    assert before["SecretString"] == "made up" and before["VersionId"] == created["VersionId"]
    aws.tag_resource(SecretId=created["ARN"], Tags=[{"Key": "application", "Value": "payments"}])
    aws.untag_resource(SecretId=created["ARN"], TagKeys=["nothing", "key"])
    described = aws.describe_secret(SecretId=created["ARN"])
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {
        "namespace": "company.team",
        "application": "payments",
    }
    assert "DeletedDate" not in described and set(described["VersionIdsToStages"]) == {
        created["VersionId"],
        put["VersionId"],
    }
    aws.update_secret(SecretId=created["ARN"], Description="for tests")

    binary = aws.create_secret(Name="binary", SecretBinary=b"\x00\xff")
    assert aws.get_secret_value(SecretId="binary")["SecretBinary"] == b"\x00\xff"
    batch = aws.batch_get_secret_value(SecretIdList=["binary", "no-such-secret", created["ARN"]])
    assert {each["ARN"] for each in batch["SecretValues"]} == {binary["ARN"], created["ARN"]}
    assert [each["ErrorCode"] for each in batch["Errors"]] == ["ResourceNotFoundException"]

    refused("ResourceExistsException", lambda: aws.create_secret(Name="binary", SecretString="x"))
    aws.delete_secret(SecretId="binary", RecoveryWindowInDays=7)
    refused("InvalidRequestException", lambda: aws.get_secret_value(SecretId="binary"))
    refused("InvalidRequestException", lambda: aws.create_secret(Name="binary", SecretString="x"), "scheduled for deletion")
    assert aws.describe_secret(SecretId="binary")["DeletedDate"]
    aws.restore_secret(SecretId="binary")
    assert aws.get_secret_value(SecretId="binary")["SecretBinary"] == b"\x00\xff"
    aws.delete_secret(SecretId="binary", ForceDeleteWithoutRecovery=True)
    refused("ResourceNotFoundException", lambda: aws.get_secret_value(SecretId="binary"), "can't find the specified secret")


def validation(fake: Fake) -> None:
    aws = client(fake)
    refused("ValidationException", lambda: aws.create_secret(Name="no spaces", SecretString="x"))
    refused("ValidationException", lambda: aws.create_secret(Name="large", SecretString="x" * 65_537))
    aws.create_secret(Name="largest", SecretString="x" * 65_536)
    refused("ValidationException", lambda: aws.list_secrets(Filters=[{"Key": "name", "Values": ["a*"]}]))
    empty = aws.create_secret(Name="empty")
    assert "VersionId" not in empty
    refused("ResourceNotFoundException", lambda: aws.get_secret_value(SecretId="empty"), "staging label")


def lists(fake: Fake) -> None:
    aws = client(fake)
    for index in range(5):
        tags = [{"Key": "namespace", "Value": f"list.{index}"}, {"Key": "prefix", "Value": "listed"}]
        fake.command("call", action="CreateSecret", body={"Name": f"list/{index}", "SecretString": "x", "Tags": tags})
    filters = [{"Key": "tag-key", "Values": ["prefix"]}, {"Key": "tag-value", "Values": ["listed"]}]
    pages = list(aws.get_paginator("list_secrets").paginate(Filters=filters, PaginationConfig={"PageSize": 2}))
    assert [len(page["SecretList"]) for page in pages] == [2, 2, 1]
    assert [each["Name"] for each in aws.list_secrets(Filters=[{"Key": "name", "Values": ["list/3"]}])["SecretList"]] == [
        "list/3"
    ]
    fake.command("lag", seconds=300)
    assert aws.list_secrets(Filters=filters)["SecretList"] == []
    assert aws.describe_secret(SecretId="list/1")["Name"] == "list/1"
    fake.command("lag", seconds=0)


def signatures(fake: Fake) -> None:
    good = {name: fake.details[name] for name in ("access-key-id", "secret-access-key")}
    refused("InvalidSignatureException", client(fake, keys={**good, "secret-access-key": "x" * 40}).list_secrets)
    refused("UnrecognizedClientException", client(fake, keys={**good, "access-key-id": "AKIAUNKNOWN000000000"}).list_secrets)
    refused("UnrecognizedClientException", client(fake, keys={**good, "session-token": "no such session"}).list_secrets)

    restricted = client(fake, prefix="restricted-")
    restricted.create_secret(Name="by-restricted", SecretString="made up")
    refused(
        "AccessDeniedException",
        lambda: restricted.batch_get_secret_value(SecretIdList=["by-restricted"]),
        "is not authorized to perform: secretsmanager:BatchGetSecretValue",
    )
    reader = fake.command("user", name="reader", actions=["GetSecretValue"])
    assert client(fake, keys=reader).get_secret_value(SecretId="by-restricted")["SecretString"] == "made up"
    refused("AccessDeniedException", client(fake, keys=reader).list_secrets)

    fake.command("fault", kind="skew", seconds=600)
    refused("InvalidSignatureException", client(fake).list_secrets, "Signature expired", "(", "- 5 min.)")
    fake.command("fault", kind="skew", seconds=-600)
    refused("InvalidSignatureException", client(fake).list_secrets, "Signature not yet current")


def roles(fake: Fake) -> None:
    arn = fake.details["role-arn"]
    sts = client(fake, "sts")
    assert sts.get_caller_identity()["Arn"].endswith(":user/agent")
    made = sts.assume_role(RoleArn=arn, RoleSessionName="check", DurationSeconds=900)["Credentials"]
    session = {
        "access-key-id": made["AccessKeyId"],
        "secret-access-key": made["SecretAccessKey"],
        "session-token": made["SessionToken"],
    }
    client(fake, keys=session).list_secrets()
    without = {name: value for name, value in session.items() if name != "session-token"}
    refused("UnrecognizedClientException", client(fake, keys=without).list_secrets)
    assert client(fake, "sts", session).get_caller_identity()["Arn"].endswith("assumed-role/agent-role/check")
    fake.command("expire", label="agent-role")
    refused("ExpiredTokenException", client(fake, keys=session).list_secrets)
    refused("InvalidClientTokenId", client(fake, "sts", {**session, "access-key-id": "ASIAUNKNOWN000000000"}).get_caller_identity)

    with open(fake.details["web-identity-token-file"]) as file:
        token = file.read()
    web = {"RoleArn": arn, "RoleSessionName": "check", "DurationSeconds": 900}
    unsigned = boto3.client("sts", endpoint_url=fake.address, verify=fake.authority, config=ONCE)
    made = unsigned.assume_role_with_web_identity(**web, WebIdentityToken=token)["Credentials"]
    assert 800 < (made["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() <= 900
    refused("InvalidIdentityToken", lambda: unsigned.assume_role_with_web_identity(**web, WebIdentityToken="other"))
    refused("ExpiredTokenException", lambda: unsigned.assume_role_with_web_identity(**web, WebIdentityToken="expired"))
    other = {**web, "RoleArn": arn + "-other"}
    refused("AccessDenied", lambda: unsigned.assume_role_with_web_identity(**other, WebIdentityToken=token))


def sources(fake: Fake) -> None:
    """botocore's own chain finds the keys of an instance, of a container and of a web identity."""
    settings = {
        "instance": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": fake.details["metadata-address"]},
        "container": {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": fake.details["container-address"],
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": fake.details["container-authorization-file"],
        },
        "web identity": {
            "AWS_WEB_IDENTITY_TOKEN_FILE": fake.details["web-identity-token-file"],
            "AWS_ROLE_ARN": fake.details["role-arn"],
            "AWS_ENDPOINT_URL_STS": fake.address,
            "AWS_CA_BUNDLE": fake.authority,
        },
    }
    for source, variables in settings.items():
        os.environ.update(variables)
        try:
            session = boto3.Session(region_name="eu-west-1")
            session.client(
                "secretsmanager", endpoint_url=fake.address, verify=fake.authority, config=ONCE
            ).list_secrets()
        finally:
            for name in variables:
                del os.environ[name]
    listed = [entry["credential"] for entry in fake.requests() if "x-amz-target" in entry["headers"]]
    assert listed[-3:] == ["instance", "container", "agent-role"], listed[-3:]


def faults(fake: Fake) -> None:
    aws = client(fake)
    fake.command("fault", kind="throttle", retry_after=0.25)
    answer = refused("ThrottlingException", aws.list_secrets)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-retry-after"] == "250"
    fake.command("fault", kind="error", status=500)
    refused("InternalServiceError", aws.list_secrets)
    fake.command("fault", kind="expired-token")
    refused("ExpiredTokenException", aws.list_secrets)
    fake.command("fault", kind="drop")
    raises((HTTPClientError, EndpointConnectionError), aws.list_secrets)
    fake.command("fault", kind="throttle", times=2)
    patient = boto3.client(
        "secretsmanager",
        endpoint_url=fake.address,
        verify=fake.authority,
        aws_access_key_id=fake.details["access-key-id"],
        aws_secret_access_key=fake.details["secret-access-key"],
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}, region_name="eu-west-1"),
    )
    assert patient.list_secrets()["ResponseMetadata"]["RetryAttempts"] == 2


def writing(fake: Fake) -> None:
    bodies = []
    aws = client(fake)
    aws.meta.events.register("after-call", lambda http_response, **_: bodies.append(http_response))
    aws.describe_secret(SecretId="kestra/company.team/DB")
    refused("ResourceNotFoundException", lambda: aws.describe_secret(SecretId="no-such-secret"))
    found, missing = bodies
    assert f'"CreatedDate": {str(time.time())[0]}.' in found.text and "E9" in found.text and "null" not in found.text
    assert missing.status_code == 400 and json.loads(missing.text)["__type"] == "ResourceNotFoundException"
    token = requests.put(
        fake.details["metadata-address"] + "/latest/api/token",
        headers={"x-aws-ec2-metadata-token-ttl-seconds": "60"},
        timeout=5,
    ).text
    path = fake.details["metadata-address"] + "/latest/meta-data/placement/region"
    assert requests.get(path, timeout=5).status_code == 401
    assert requests.get(path, headers={"x-aws-ec2-metadata-token": token}, timeout=5).text == "eu-west-1"
    shown = str(fake.requests())
    assert fake.details["secret-access-key"] not in shown and token not in shown


def main() -> None:
    isolate()
    with Fake("aws") as fake:
        for check in (operations, validation, lists, signatures, roles, sources, faults, writing):
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
