# The front door. Each word does what it says and needs no other before it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

RELEASE := -c release --static-swift-stdlib -Xlinker -z -Xlinker now
BINARY := .build/release/tacit
BENCHMARKS := .build/release/benchmarks
PREFIX ?= /usr/local

.PHONY: help build demo test bench image-check unit-check lint format install clean

help:
	@echo "make demo         the whole story on this machine, in a temporary folder"
	@echo "make build        the release binary"
	@echo "make test         format, build, tests"
	@echo "make bench        what is promised, measured here;  PARTS=\"expiry misses\"  some of it"
	@echo "make image-check  the steps of deploy/docker/Dockerfile, in root folders, and the example pods in what they make"
	@echo "make unit-check   deploy/systemd, in a Debian that is booted in a container"
	@echo "make lint         check the format;  make format  put it right"
	@echo "make install      what was built, to PREFIX/bin ($(PREFIX)/bin)"
	@echo "make clean        remove what was built"

build:
	@scripts/install-dependencies.sh
	swift build $(RELEASE) --product tacit

demo: build
	@scripts/demo.sh $(BINARY)

test:
	@scripts/install-dependencies.sh test
	@scripts/test.sh

bench: build
	@scripts/install-dependencies.sh test
	swift build $(RELEASE) --product benchmarks
	@$(BENCHMARKS) $(BINARY) $(PARTS)

# No container engine, but root and debootstrap. BINDS="PATH PATH" gives the build more of this machine, such as mirrors.
image-check:
	@scripts/install-dependencies.sh test
	@scripts/install-dependencies.sh machines
	@scripts/check-image.sh $(BINDS)

# Root again, debootstrap and systemd-nspawn.
unit-check: build
	@scripts/install-dependencies.sh machines
	@scripts/check-units.sh $(BINARY)

lint:
	@scripts/lint.sh

format:
	@git ls-files -z --cached --others --exclude-standard -- 'Package.swift' 'Sources/**.swift' 'Tests/**.swift' \
	  | grep -zv '\.pb\.swift$$' | xargs -0 swift format format --in-place --parallel

# Builds nothing, because root seldom has a toolchain: make build first.
install:
	install -D -m 0755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/tacit"

clean:
	rm -rf .build .build-address .build-thread .build-without-servers .demo
