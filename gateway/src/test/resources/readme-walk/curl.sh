#!/bin/bash
# nobody is there to answer
