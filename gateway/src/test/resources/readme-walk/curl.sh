#!/bin/bash
# nobody is there to answer, but for the meters
case "$*" in
  */actuator/prometheus)
    echo 'portcullis_sessions_opened_total{realm="app"} 1'
    ;;
esac
