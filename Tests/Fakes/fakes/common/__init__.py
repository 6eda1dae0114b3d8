"""What all fakes share: the server, its certificates, faults, the record of requests, the control channel."""
