#!/usr/bin/env bash
# Writes the logs of test/problems/logs again: runs the real tools on the sources beside this file, in a folder that the logs call
# /project. Needs: gcc g++ clang make ninja cmake cargo rustc javac java go python3 pytest perl, node and npm (jest and eslint's other
# formatters are installed for it), and node_modules of this checkout. Arguments: the names of the cases to record (all without).
# What came out must be read, and the .expected files beside the logs corrected by hand.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
logs=$here/../logs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TERM=xterm COLUMNS=80 PATH="$root/node_modules/.bin:$work/node_modules/.bin:$PATH" GOFLAGS=-mod=mod GOTOOLCHAIN=local GO111MODULE=on
export CARGO_TARGET_DIR=$work/target GOCACHE=$work/gocache PYTHONDONTWRITEBYTECODE=1
unset RUST_BACKTRACE MAKEFLAGS MAKELEVEL NO_COLOR FORCE_COLOR NODE_OPTIONS
wanted=" $* "
mkdir -p "$logs"

# record NAME FOLDER COMMAND: both streams of a shell line, run in a fresh copy of FOLDER.
record() {
  local name=$1 folder=$2
  shift 2
  [[ $wanted == "  " || $wanted == *" $name "* ]] || return 0
  rm -rf "$work/project"
  cp -r "$here/$folder" "$work/project"
  [[ -d $work/node_modules ]] && ln -s "$work/node_modules" "$work/project/node_modules"
  (cd "$work/project" && sh -c "$*") </dev/null 2>&1 |
    sed -e "s#$work/project#/project#g" -e "s#$work#/work#g" -e "s#$root#/loglin#g" -e "s#$HOME#/home/user#g" \
      -e 's#/tmp/cc[A-Za-z0-9]*\.o#/tmp/ccAbCdEf.o#g' -e 's#/home/user/[.]pyenv/versions/[^/]*#/usr#g' \
      -e 's#/home/user/[.]rustup/toolchains/[^/]*#/rust#g' >"$logs/$name.log"
  echo "$name: $(wc -l <"$logs/$name.log") lines" >&2
}

if [[ $wanted == "  " || $wanted == *jest* || $wanted == *eslint-* ]]; then
  (cd "$work" && npm install --silent --no-fund --no-audit jest@29 eslint-formatter-unix eslint-formatter-compact >/dev/null 2>&1)
fi

colour=-fdiagnostics-color=always
record gcc c 'make -k CC=gcc CXX=g++'
record gcc-colour c "make -k CC='gcc $colour' CXX='g++ $colour'"
record clang c 'make -k CC=clang CXX=clang++'
record clang-colour c "make -k CC='clang -fcolor-diagnostics' CXX='clang++ -fcolor-diagnostics'"
record gcc-parallel c 'make -k -j4 -O CC=gcc CXX=g++'
record gcc-driver c 'gcc -c none.c; gcc -fno-such-option -c clean.c; clang -c none.c; clang -Wno-such-warning -c clean.c; gcc -Wall -std=c89 -pedantic -fno-show-column -fno-diagnostics-show-caret -c unused.c'
record ld link 'make -k CC=gcc'
record ld-clang link 'make -k CC=clang'
record rustc rust 'for f in errors warnings borrow types; do echo "rustc $f.rs"; rustc --edition 2021 $f.rs; done'
record rustc-colour rust 'for f in errors warnings borrow types; do echo "rustc $f.rs"; rustc --color always --edition 2021 $f.rs; done'
record rust-panic rust 'rustc --edition 2021 panic.rs && ./panic'
record cargo cargo 'cargo build --offline'
record cargo-colour cargo 'cargo build --offline --color always'
record cargo-test cargo 'cargo test --offline -p core-part'
record cargo-manifest cargo 'sed -i s/edition.*/edition=\"1800\"/ core/Cargo.toml; cargo build --offline; rm core/Cargo.toml; cargo build --offline; rm Cargo.toml; cd core; cargo build --offline'
record tsc ts 'tsc'
record tsc-pretty ts 'tsc --pretty'
record tsc-config ts 'tsc -p bad.tsconfig.json; tsc --nosuch; tsc none.ts'
record eslint eslint 'eslint .'
record eslint-colour eslint 'eslint --color .'
record eslint-unix eslint 'eslint -f unix .'
record eslint-compact eslint 'eslint -f compact .'
record javac java 'for f in Main Warned Syntax; do echo "javac -Xlint $f.java"; javac -Xlint -d out $f.java; done; javac -Xlint -source 8 -d out Warned.java; javac None.java'
record java java 'javac -d out Thrown.java && java -cp out Thrown'
record go-build go 'go build ./...; rm broken/syntax.go; go build ./...; rm -r broken/two.go; go build ./broken'
record go-vet go 'go vet ./vetted ./calc'
record go-test go 'go test ./...; go test -v ./calc'
record go-module go 'go build ./none; echo frob >>go.mod; go build ./calc'
record python python 'for f in trace chained syntax imports indent warned recursion exits; do echo "python3 $f.py"; python3 -W default $f.py; done'
record pytest pytest 'python3 -m pytest -p no:cacheprovider --ignore test_import.py'
record pytest-colour pytest 'python3 -m pytest -p no:cacheprovider --color=yes --ignore test_import.py'
record pytest-import pytest 'python3 -m pytest -p no:cacheprovider test_import.py'
record pytest-short pytest 'python3 -m pytest -p no:cacheprovider -q --tb=short --ignore test_import.py'
record pytest-lines pytest 'python3 -m pytest -p no:cacheprovider --tb=line --ignore test_import.py; python3 -m pytest -p no:cacheprovider --tb=no -q --ignore test_import.py'
record make make 'for f in rules separator function circle; do echo "make -k -f $f.mk"; make -k -f $f.mk; done; make -f rules.mk ignored; make nothing; make -f none.mk'
record make-deep make 'make -w -k'
record ninja ninja 'ninja -k0 -j1'
record ninja-colour ninja 'sed -i "s/gcc/gcc -fdiagnostics-color=always/" build.ninja; ninja -k0 -j1'
record ninja-manifest ninja 'for f in rule missing syntax cycle none; do echo "ninja -f $f.ninja"; ninja -f $f.ninja; done; ninja nothing'
record cmake cmake 'cmake -S . -B build; cmake -S parse -B build-parse; cmake -S command -B build-command; cmake -S none -B none'
record ctest cmake 'cmake -S tests -B build >/dev/null; cd build; ctest'
record ctest-output cmake 'cmake -S tests -B build >/dev/null; cd build; ctest --output-on-failure'
record node node 'for f in throws.cjs module.mjs syntax.cjs require.cjs reject.mjs logged.cjs import.mjs; do echo "node $f"; node $f; done'
record node-test nodetest 'node --test --test-reporter=spec'
record node-test-colour nodetest 'FORCE_COLOR=1 node --test --test-reporter=spec'
record node-test-tap nodetest 'node --test --test-reporter=tap'
record perl-tap tap 'perl some.t; prove some.t'
record jest jest 'jest --runInBand'
record jest-colour jest 'FORCE_COLOR=1 jest --color --runInBand'
record shell make 'sh -c "no-such-program; cat none; cp none none2"; bash -c no-such-program; ./none; sh none.sh; rm none; mkdir -p /proc/none'
record clean clean './build.sh'

# A parallel build's jobs, as loglin records them: one log each.
if [[ $wanted == "  " || $wanted == *" jobs "* ]]; then
  rm -rf "$work/project" "$logs/jobs"
  cp -r "$here/c" "$work/project"
  (cd "$work/project" && mkdir .loglin && "$root/bin/loglin" make -k -j4 CC=gcc CXX=g++ >/dev/null 2>&1)
  mkdir -p "$logs/jobs"
  for object in header macro many unused; do
    sed "s#$work/project#/project#g" "$(cd "$work/project" && "$root/bin/loglin" path "$object.o")" >"$logs/jobs/$object.o.log"
  done
fi
