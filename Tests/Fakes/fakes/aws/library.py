"""moto in this process: its services, and its judgement of signatures and permissions."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.authorization import disable_iam_authentication, enable_iam_authentication
from moto.core.exceptions import AccessDeniedError, InvalidClientTokenIdError, SignatureDoesNotMatchError
from moto.iam.access_control import IAMRequest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from ..common.exchange import Reply, Request
from .replies import refusal

ACCOUNT = DEFAULT_ACCOUNT_ID
PARTITION = "aws"
#: What every region of the fake is called like; requests are signed for it.
REGION = "eu-west-1"


class Library:
    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)

    def judged(self, request: Request) -> Reply:
        """The request as moto answers it when it checks who asks."""
        with enable_iam_authentication():
            return self._run(request)

    def trusted(self, request: Request) -> Reply:
        """The same without that check."""
        with disable_iam_authentication():
            return self._run(request)

    @staticmethod
    def authorize(request: Request, action: str) -> None:
        """Refuses in AWS's words what is signed wrongly, by unknown keys, or by somebody who may not do it."""
        try:
            judge = IAMRequest(
                account_id=ACCOUNT,
                method=request.method,
                path=request.target,
                data={},
                body=request.body,
                headers={name.title(): value for name, value in request.headers.items()},
                action=action,
            )
            judge.check_signature()
            judge.check_action_permitted("*")
        except InvalidClientTokenIdError:
            text = "The security token included in the request is invalid."
            raise refusal(request, 400, "UnrecognizedClientException", text) from None
        except SignatureDoesNotMatchError:
            text = (
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method."
            )
            raise refusal(request, 400, "InvalidSignatureException", text) from None
        except AccessDeniedError as denied:
            raise refusal(request, 400, "AccessDeniedException", denied.message) from None

    def call(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """An operation of Secrets Manager for the tests themselves. Raises ValueError where it is refused."""
        credential = f"Credential=tests/20000101/{REGION}/secretsmanager/aws4_request"
        body.setdefault("ClientRequestToken", str(uuid.uuid4()))
        request = Request(
            method="POST",
            target="/",
            headers={
                "host": f"secretsmanager.{REGION}.amazonaws.com",
                "x-amz-target": f"secretsmanager.{action}",
                "content-type": "application/x-amz-json-1.1",
                "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=none",
            },
            body=json.dumps(body).encode(),
            listener="",
            connection=0,
            now=0,
            wall=0,
        )
        reply = self.trusted(request)
        answer = json.loads(reply.body or b"{}")
        if reply.status != 200:
            raise ValueError(f"{action}: {answer}")
        return answer

    def _run(self, request: Request) -> Reply:
        environment = _environment(request)
        application = self._application.get_application(environment)
        body, status, headers = run_wsgi_app(application, environment)
        kept = {name: value for name, value in headers if name.lower() in ("content-type", "x-amzn-requestid")}
        return Reply(int(status.split(" ")[0]), b"".join(body), kept)


def _environment(request: Request) -> dict[str, Any]:
    path = urlsplit(request.target)
    environment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.path,
        "RAW_URI": request.target,
        "QUERY_STRING": path.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": request.headers.get("host", "").partition(":")[2] or "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http" if request.listener == "plain" else "https",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length"):
            environment["HTTP_" + name.upper().replace("-", "_")] = value
    return environment
