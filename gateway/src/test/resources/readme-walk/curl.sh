#!/bin/bash
echo "curl $*" >> "$CALLS/arguments"
# nobody is there to answer, but for the meters
case "$*" in
  *" -d @-"*)
    cat > /dev/null
    ;;
  */actuator/prometheus)
    echo 'portcullis_sessions_opened_total{realm="app"} 1'
    ;;
esac
