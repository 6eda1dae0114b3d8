"""Reads and writes messages with protoc's Python, for the tests.

Started with the folder in which protoc put the generated modules. Each line on standard input is the name of a message and a
payload in hexadecimal; each line on standard output is that message written again (known fields only, maps in order), or
`refused`.
"""

import sys

sys.path.insert(0, sys.argv[1])

from google.protobuf.message import DecodeError  # noqa: E402
from tacit.v1 import agent_pb2, error_pb2, secrets_pb2  # noqa: E402

MESSAGES = {
    f"tacit.v1.{name}": getattr(module, name)
    for module in (agent_pb2, error_pb2, secrets_pb2)
    for name in module.DESCRIPTOR.message_types_by_name
}

for line in sys.stdin:
    name, _, payload = line.rstrip("\n").partition(" ")
    message = MESSAGES[name]()
    try:
        message.ParseFromString(bytes.fromhex(payload))
        message.DiscardUnknownFields()
        print(message.SerializeToString(deterministic=True).hex())
    except (DecodeError, UnicodeDecodeError):
        print("refused")
