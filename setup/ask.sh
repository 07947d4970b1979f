#!/bin/sh
# Asks who sits at the terminal: setup/ask.sh QUESTION. Exit code 0: yes. Without a terminal, and in CI, nobody is asked.
[ -t 0 ] && [ -z "${CI:-}" ] || exit 0
printf '%s [Y/n] ' "$1"
read -r answer
case $answer in [nN]*) exit 1 ;; esac
