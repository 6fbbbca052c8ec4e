#!/bin/sh
# Runs what /docker-entrypoint.d holds, then the server.
set -e
for f in /docker-entrypoint.d/*.sh; do [ ! -x "$f" ] || "$f"; done
exec "$@"
