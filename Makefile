# `make demo` and `make test` are all that a fresh machine with a Swift 6.3 toolchain needs; the work is in scripts/.
PREFIX ?= /usr/local
DESTDIR ?=
PYTHON ?= python3
export PREFIX DESTDIR PYTHON

library := build/lib/.built
command := build/bin/trimtab
python := .venv/.built

headers := $(wildcard include/*.h include/trimtab/*.h) include/module.modulemap
package := Package.swift scripts/require.sh
sources = $(shell find $(1) -type f 2>/dev/null)
engine_sources := $(call sources,Sources/CPlatform Sources/Kernels Sources/Trimtab Sources/TrimtabTrainer)
abi_sources := $(call sources,Sources/TrimtabABI)
command_sources := $(call sources,Sources/TrimtabFormats Sources/TrimtabCommand Sources/CZlib Sources/CFFI)
python_sources := $(shell find bindings/python -type f \( -name '*.py' -o -name '*.toml' -o -name '*.md' \) 2>/dev/null)

.PHONY: all demo test lib cli python install gates bench bench-overhead bench-trainer foundry foundry-full fuzz promise lab-pages format clean

all: lib cli

demo: $(library) $(command)
	@scripts/demo.sh

test: $(library) $(command) $(python)
	@scripts/test.sh

gates: $(library) $(command) $(python)
	@scripts/gates.sh

lib: $(library)
cli: $(command)
python: $(python)

install: $(library) $(command)
	@scripts/install.sh

bench: $(library) $(command) $(python)
	@benchmarks/run.sh

# What watching costs a training step, beside peers.
bench-overhead: $(library) $(python)
	@benchmarks/overhead/run.sh

# Training steps a second beside PyTorch.
bench-trainer: $(library)
	@benchmarks/trainer/run.sh

# Programs with one known fault each, their repaired twins and healthy ones, watched: a sample in under ten minutes.
foundry: $(library) $(python)
	@benchmarks/foundry/run.sh sample

foundry-full: $(library) $(python)
	@benchmarks/foundry/run.sh full

# Every experiment of the lab over eight seeds, and its page: some two minutes.
lab-pages: $(command)
	@build/bin/trimtab lab run --all --pages docs/lab

fuzz: $(library)
	@scripts/fuzz.sh

# The promise about false alarms on 200 million healthy steps a kind, with new numbers each time: some minutes.
promise: $(library)
	@scripts/promise.sh

format:
	@swift format --in-place --recursive --parallel Package.swift Sources/CPlatform Sources/Kernels Sources/Trimtab* Tests

clean:
	rm -rf build .build .build-embedded .build-debug .build-ordinary .build-test .venv

$(library): $(engine_sources) $(abi_sources) $(headers) $(package) scripts/build-library.sh scripts/build-library-static.sh scripts/write-package-files.sh
	@scripts/require.sh swift library
	@scripts/build-library.sh "$(PREFIX)"
	@touch $@

$(command): $(engine_sources) $(command_sources) $(package) scripts/build-command.sh
	@scripts/require.sh swift library command
	@scripts/build-command.sh

$(python): $(library) $(python_sources) scripts/build-python.sh
	@scripts/require.sh python
	@scripts/build-python.sh
	@touch $@
