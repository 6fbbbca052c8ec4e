apt-get update
apt-get install -y --no-install-recommends redis-server redis-tools
install -d -o redis -g redis /data
