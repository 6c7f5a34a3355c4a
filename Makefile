# The front door. Each target sets up what it needs (Debian 12, as root or through sudo) and then
# does its work; CMake and CTest do the rest, with the presets of CMakePresets.json.

PREFIX ?= /usr/local
N ?= 1000000

.PHONY: all demo test bench bench-reports install package arm64 nightly lint format asan tsan fuzz clean

all:
	@scripts/setup demo
	@scripts/build release

## the example program, looked into
demo: all
	@scripts/demo

## unit tests, replayed fuzz corpus, and the truth against real Go programs
test:
	@scripts/setup test
	@scripts/build release -DCHANSPECT_TESTS=ON
	@ctest --preset release -j $(shell nproc)

## how fast, and against whom: N=100000 for a quick look; `make bench-reports`: what printing costs
bench:
	@scripts/setup bench
	@scripts/build release
	@bench/install_peers
	@bench/run $(N)

bench-reports:
	@scripts/setup bench
	@scripts/build release
	@cmake --build build --target report_bench -- --quiet
	@build/bench/report_bench

install: all
	@DESTDIR=$(DESTDIR) cmake --install build --prefix $(PREFIX) --strip

## dist/: a nearly static binary and a .deb
package:
	@scripts/setup package
	@scripts/build release
	@scripts/package

## build/arm64: for arm64, cross-compiled, and tried under an emulator; with PACKAGE=1 in dist/, too
arm64:
	@scripts/setup arm64
	@scripts/build arm64
	@scripts/smoke_arm64
	@$(if $(PACKAGE),scripts/package arm64)

## the same with every Go release, and the long storms and murders
nightly:
	@scripts/setup test
	@scripts/build release -DCHANSPECT_TESTS=ON
	@ctest --preset release -C nightly

lint:
	@scripts/setup lint
	@scripts/lint

format:
	@scripts/setup lint
	@scripts/lint --fix

asan tsan:
	@scripts/setup test
	@scripts/build $@ -DCHANSPECT_TESTS=ON
	@scripts/test_sanitized $@

## every fuzz target for FUZZ_SECONDS
fuzz:
	@scripts/setup fuzz
	@scripts/build fuzz
	@scripts/fuzz

clean:
	rm -rf build dist
