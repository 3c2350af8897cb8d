#!/bin/bash
# no registry is there to push to
