#!/bin/bash
# kubectl without a cluster: writes down each call, renders what -k names, and lets the real one do what it can do alone.
call=$CALLS/$(($(ls "$CALLS" | grep -c '\.command$') + 1))
echo "$*" > "$call.command"
: > "$call.yaml"
case " $* " in
  *" -k "*)
    "$REAL_KUBECTL" kustomize "${@: -1}" > "$call.yaml"
    ;;
  *" create "*"--dry-run=client"* | *" annotate --local "*)
    "$REAL_KUBECTL" "$@"
    ;;
  *" create secret tls "*)
    # both files are empty here
    ;;
  *" create "*)
    "$REAL_KUBECTL" "$@" --dry-run=client -o yaml > "$call.yaml"
    ;;
  *" replace -f - "*)
    cat > "$call.yaml"
    ;;
  *" apply -f "*)
    cat "${@: -1}" > "$call.yaml"
    ;;
  *" get secret "*)
    echo -n
    ;;
  *" get "*" -o yaml "*)
    cat << END
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  creationTimestamp: "2026-01-01T00:00:00Z"
  generation: 3
  name: api
  namespace: backends
  resourceVersion: "4711"
  uid: 5f0c3a52-6a6e-4d0b-8a9c-0f9f7d3a9b11
spec:
  defaultBackend:
    service:
      name: api
      port:
        number: 3000
status:
  loadBalancer: {}
END
    ;;
  *" logs "*)
    echo "portcullis.events : Session opened: client=203.0.113.7"
    echo "portcullis.events : Refresh token reused, reported only: client=203.0.113.7"
    ;;
esac
