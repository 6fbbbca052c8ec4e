#!/bin/sh
# Runs the server as redis on the volume; without a configuration it is open, as in a container it is meant to be reached.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi
[ "$1" != redis-server ] || set -- "$@" --protected-mode no --bind 0.0.0.0
exec "$@"
