#!/bin/bash
# Initialises an empty data directory, then runs the server as mysql.
set -e
[ "${1:0:1}" != - ] || set -- mariadbd "$@"
if [ "$1" = mariadbd ] && [ "$(id -u)" = 0 ]; then
  mkdir -p /var/lib/mysql /run/mysqld; chown -R mysql:mysql /var/lib/mysql /run/mysqld
  exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
fi
root=${MARIADB_ROOT_PASSWORD:-$MYSQL_ROOT_PASSWORD}
user=${MARIADB_USER:-$MYSQL_USER}; password=${MARIADB_PASSWORD:-$MYSQL_PASSWORD}; db=${MARIADB_DATABASE:-$MYSQL_DATABASE}
if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
  if [ -z "$root" ] && [ -z "$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" ]; then
    echo "Database is uninitialized and password option is not specified: set MARIADB_ROOT_PASSWORD or MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" >&2
    exit 1
  fi
  mariadb-install-db --datadir=/var/lib/mysql --skip-test-db --auth-root-authentication-method=normal >/dev/null
  quote() { printf "'%s'" "$(printf %s "$1" | sed "s/['\\\\]/\\\\&/g")"; }
  {
    [ -z "$db" ] || echo "CREATE DATABASE \`$db\`;"
    if [ -n "$user" ]; then
      echo "CREATE USER $(quote "$user")@'%' IDENTIFIED BY $(quote "$password");"
      [ -z "$db" ] || echo "GRANT ALL ON \`$db\`.* TO $(quote "$user")@'%';"
    fi
    echo "CREATE USER 'root'@'%' IDENTIFIED BY $(quote "$root");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quote "$root");"
  } >/tmp/init.sql
  { echo "FLUSH PRIVILEGES;"; cat /tmp/init.sql; } | mariadbd --bootstrap --datadir=/var/lib/mysql
  rm /tmp/init.sql
fi
exec "$@"
