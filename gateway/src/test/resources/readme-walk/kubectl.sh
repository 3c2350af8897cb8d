#!/bin/bash
# kubectl without a cluster: writes down each call, renders what -k names, keeps Secrets, and lets the real one do what it can do alone.
n=1
# in a pipeline two of it begin at once
until (set -C; echo "$*" > "$CALLS/$n.command") 2> /dev/null; do n=$((n + 1)); done
call=$CALLS/$n
: > "$call.yaml"

# a Secret that was made or replaced is what a later call gets
keep() {
  if grep -q '^kind: Secret$' "$call.yaml"; then
    cp "$call.yaml" "$CALLS/$(secret).secret"
  fi
}

secret() { sed -n 's/^  name: //p' "$call.yaml"; }

# what came by a pipe or in a file; as the real one says of nothing: no objects passed
objects() { cat "${@: -1}" > "$call.yaml" && [ -s "$call.yaml" ]; }

# a cluster has the way in when it was applied
applied() { grep -qs "^kind: $1\$" "$CALLS"/*.applied; }

if [ -n "$REFUSED" ] && [[ " $* " = *" $REFUSED "* ]]; then
  exit 1
fi

case " $* " in
  *" apply -k "* | *" apply "*" -k "*)
    folder=" $* "
    folder=${folder#* -k }
    "$REAL_KUBECTL" kustomize "${folder%% *}" > "$call.yaml"
    cp "$call.yaml" "$call.applied"
    ;;
  *" -k "*)
    folder=" $* "
    folder=${folder#* -k }
    "$REAL_KUBECTL" kustomize "${folder%% *}" > "$call.yaml"
    ;;
  *" create "*"--dry-run=client"* | *" annotate --local "*)
    "$REAL_KUBECTL" "$@"
    ;;
  *" create "*)
    "$REAL_KUBECTL" "$@" --dry-run=client -o yaml > "$call.yaml" || exit 1
    # as the real one says: AlreadyExists
    [ ! -e "$CALLS/$(secret).secret" ] && keep
    ;;
  *" replace -f - "*)
    objects - && [ -e "$CALLS/$(secret).secret" ] && keep
    ;;
  *" apply --server-side"*" -f - "*)
    objects - || exit 1
    # to YAML, which needs no cluster where something is changed
    "$REAL_KUBECTL" label --local -f "$call.yaml" -o yaml a=b > "$call.part" && mv "$call.part" "$call.yaml"
    keep
    ;;
  *" apply "*" -f "* | *" apply -f "*)
    objects "$@"
    ;;
  *" get secret portcullis-"*"{.data.keys"*)
    sed -n "s/^  keys.json: //p" "$CALLS/$5.secret"
    ;;
  *" get secret portcullis-tls "*)
    [ -e "$CALLS/portcullis-tls.secret" ]
    ;;
  *" get secret api-tls "*)
    cat "$BEFORE/secret.json"
    ;;
  *" get ingress portcullis -o "*)
    applied Ingress && echo '[{"ip":"192.0.2.7"}]'
    ;;
  *" wait httproute portcullis "*)
    applied HTTPRoute
    ;;
  *" get "*" -o yaml "*)
    cat "$BEFORE/$4.yaml"
    ;;
  *" exec -i "*)
    cat > /dev/null
    ;;
  *" logs "*)
    echo "portcullis.events : Session opened: client=203.0.113.7"
    echo "portcullis.events : Refresh token reused, reported only: client=203.0.113.7"
    ;;
esac
