#!/bin/bash
# the jar's main class, of a jar that is not made yet
[ "$1 $2" = "-jar gateway/target/portcullis-gateway.jar" ] && exec "$REAL_JAVA" -cp "$CLASS_PATH" io.portcullis.PortcullisApplication "${@:3}"
