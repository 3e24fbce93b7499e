#!/bin/sh
# Written by chatops. Gives the relay the certificate that Caddy got for it, when that is new.
set -eu
umask 077
new=
for found in /opt/chatops/turn/keeper/caddy/certificates/*/turn.nordlys.example/turn.nordlys.example.crt; do
    if [ -z "$new" ] || [ "$found" -nt "$new" ]; then new=$found; fi
done
if [ ! -f "$new" ]; then
    echo "no certificate for turn.nordlys.example yet in /opt/chatops/turn/keeper" >&2
    exit 0
fi
own=/opt/chatops/turn/certificates
cmp -s "$new" "$own/chain.pem" && exit 0
cp "${new%.crt}.key" "$own/key.pem.new"
cp "$new" "$own/chain.pem.new"
mv "$own/key.pem.new" "$own/key.pem"
mv "$own/chain.pem.new" "$own/chain.pem"
docker compose --project-directory /opt/chatops/turn restart coturn
