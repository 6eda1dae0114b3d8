"""AWS Secrets Manager and STS, which are moto's, and where machines get their credentials."""

from .service import AWSService

__all__ = ["AWSService"]
