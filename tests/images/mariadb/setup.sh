apt-get update
apt-get install -y --no-install-recommends mariadb-server
rm -rf /var/lib/mysql
install -d -o mysql -g mysql -m 777 /var/lib/mysql
install -d -o mysql -g mysql -m 777 /run/mysqld
sed -i 's/^bind-address/#bind-address/' /etc/mysql/mariadb.conf.d/50-server.cnf
mkdir -p /docker-entrypoint-initdb.d
