#!/bin/bash
# of the password 'a password'
echo 'ada:$2y$10$abcdefghijklmnopqrstuuN5h1p0dJkzRkQ3mQ0rWc8m9y4dQ5W5e'
echo
