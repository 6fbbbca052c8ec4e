apt-get update
apt-get install -y --no-install-recommends nginx-light
mkdir -p /usr/share/nginx/html
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
echo '<!DOCTYPE html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>' >/usr/share/nginx/html/index.html
cat >/etc/nginx/sites-enabled/default <<'EOF'
server { listen 80; server_name localhost; location / { root /usr/share/nginx/html; index index.html; } }
EOF
