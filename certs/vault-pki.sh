#!/bin/sh
# Roles and certificates in Vault's PKI engine, mounted at pki/ with an authority in it. Needs the vault command, jq, and a token
# that may write the roles. Usage: vault-pki.sh DIRECTORY
set -eu
umask 077
directory=$1

vault write pki/roles/tacit-agent \
    require_cn=false key_type=ec key_bits=256 key_usage=DigitalSignature \
    server_flag=true client_flag=false \
    allowed_uri_sans="spiffe://example.org/agent" \
    allow_localhost=true allow_bare_domains=true allow_ip_sans=true ttl=720h max_ttl=720h

vault write pki/roles/tacit-worker \
    require_cn=false key_type=ec key_bits=256 key_usage=DigitalSignature \
    server_flag=false client_flag=true \
    allowed_uri_sans="spiffe://example.org/tenant/main/service/worker" \
    allow_localhost=false allow_ip_sans=false ttl=24h max_ttl=24h

issue() { # role, file name, further arguments
    role=$1 name=$2
    shift 2
    answer=$(vault write -format=json "pki/issue/$role" "$@")
    printf '%s' "$answer" | jq -r .data.private_key >"$directory/$name.key"
    printf '%s' "$answer" | jq -r '.data.certificate, (.data.ca_chain // [])[]' >"$directory/$name.crt"
}
issue tacit-agent agent uri_sans=spiffe://example.org/agent alt_names=localhost ip_sans=127.0.0.1,::1
issue tacit-worker worker uri_sans=spiffe://example.org/tenant/main/service/worker

vault read -field=certificate pki/cert/ca >"$directory/ca.crt"
vault read -field=certificate pki/cert/crl >"$directory/ca.crl"
