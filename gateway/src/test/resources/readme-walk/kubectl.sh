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
    cp "$call.yaml" "$CALLS/$(sed -n 's/^  name: //p' "$call.yaml").secret"
  fi
}

case " $* " in
  *" -k "*)
    folder=" $* "
    folder=${folder#* -k }
    "$REAL_KUBECTL" kustomize "${folder%% *}" > "$call.yaml"
    ;;
  *" create "*"--dry-run=client"* | *" annotate --local "*)
    "$REAL_KUBECTL" "$@"
    ;;
  *" create secret tls "*)
    # both files are empty here
    ;;
  *" create "*)
    "$REAL_KUBECTL" "$@" --dry-run=client -o yaml > "$call.yaml"
    keep
    ;;
  *" replace -f - "*)
    cat > "$call.yaml"
    keep
    ;;
  *" apply "*" -f "* | *" apply -f "*)
    cat "${@: -1}" > "$call.yaml"
    # as it says: no objects passed to apply
    [ -s "$call.yaml" ]
    ;;
  *" get secret portcullis-"*"{.data.keys"*)
    sed -n "s/^  keys.json: //p" "$CALLS/$5.secret"
    ;;
  *" get secret "*)
    echo -n
    ;;
  *" get "*" -o yaml "*)
    cat "$BEFORE/$4.yaml"
    ;;
  *" logs "*)
    echo "portcullis.events : Session opened: client=203.0.113.7"
    echo "portcullis.events : Refresh token reused, reported only: client=203.0.113.7"
    ;;
esac
