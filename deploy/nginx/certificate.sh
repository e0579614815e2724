#!/bin/sh
# A certificate for localhost, made once: to try it out. Put a real one in its place to publish it.
set -eu
dir="${CERTIFICATE_DIR:-/etc/nginx/certificate}"
[ -s "$dir/cert.pem" ] && exit 0
mkdir -p "$dir"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
  -subj /CN=localhost -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
  -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
