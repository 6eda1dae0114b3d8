"""Serves one fake:  serve.py KIND [name=value ...]   See README.md for the kinds."""

from __future__ import annotations

import importlib
import sys

from fakes.common.run import serve

SERVICES = {
    "vault": "VaultService",
    "azure": "AzureService",
    "google": "GoogleService",
    "aws": "AWSService",
    "doppler": "DopplerService",
    "onepassword": "OnePasswordService",
    "delinea": "DelineaService",
    "beyondtrust": "BeyondTrustService",
    "cyberark": "CyberArkService",
    "conjur": "ConjurService",
    "ccp": "CentralCredentialProviderService",
    "elasticsearch": "ElasticsearchService",
}


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in SERVICES:
        sys.exit(__doc__)
    kind, *pairs = arguments
    # Only the one that is asked for: the others' libraries take long to load.
    module = importlib.import_module(f"fakes.{kind}")
    options = dict(pair.split("=", 1) for pair in pairs)
    serve(getattr(module, SERVICES[kind]), options)


if __name__ == "__main__":
    main(sys.argv[1:])
