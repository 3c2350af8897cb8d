#!/bin/bash
# no registry is there to push to
echo "docker $*" >> "$CALLS/arguments"
