# mmpack: `make demo` shows it, `make test` proves it. Everything that is missing is installed or named.
SWIFT ?= swift
BUILD_FLAGS := -c release --explicit-target-dependency-import-check error
MMPACK := .build/release/mmpack
PYTHON := .venv/bin/python

.PHONY: demo test example sanitize build mutate fuzz-codecs lint format bench peers goldens models real prepare clean help

help:
	@echo "make demo     install what is missing, build, and run convert, quantize q4, verify on the embedded fixture"
	@echo "make test     build and run all tests"
	@echo "make real     fetch SmolLM2, Gemma 3 270M and MiniLM and run the main job on them"
	@echo "make bench    measure against peers; records go to Benchmarks/runs/"
	@echo "make peers    build llama.cpp, the peer of make bench (cmake and ninja must be there)"
	@echo "make mutate   damage tiny checkpoints, bundles and archives in 1,200 ways and watch the binary refuse them"
	@echo "make sanitize damage a small bundle in 10,000 ways and cut it everywhere, under the address sanitizer"
	@echo "make fuzz-codecs  a minute of libFuzzer on the codecs, under the address sanitizer"
	@echo "make lint     formatting, layers and static rules"
	@echo "make goldens  make the golden files again from their outside implementations"

prepare:
	@scripts/prepare

build: prepare
	@$(SWIFT) build $(BUILD_FLAGS) --product mmpack

demo: build
	@scripts/demo $(MMPACK)

test: prepare
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	$(SWIFT) test -c release --skip-build
	scripts/conformance
	@$(MAKE) --no-print-directory example

# An app's package that links the library product; its build takes the place of no other's.
example:
	$(SWIFT) build --package-path docs/example --scratch-path .build/example -c release --product Look
	.build/example/release/Look fixtures/bundles/good/blocks.mmpack

# Every truncation and 10,000 mutations of a small bundle, under the address sanitizer.
sanitize: prepare
	$(SWIFT) build --package-path Benchmarks/bundles --scratch-path .build/bundles-asan -c release --sanitize=address
	.build/bundles-asan/release/Bundles campaign fixtures/bundles/good/small.mmpack 10000 1
	.build/bundles-asan/release/Bundles flips fixtures/bundles/good/small.mmpack 3000 1

mutate: build
	scripts/mutate $(MMPACK) --cases 1200

CLANG ?= clang
FUZZ_SECONDS ?= 60
CODEC_SOURCES := Fuzz/codecs.c $(wildcard Sources/CKernels/rans*.c) Sources/CKernels/planes.c

fuzz-codecs:
	@mkdir -p .build/fuzz/corpus
	$(CLANG) -std=c17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-ISources/CKernels/include -o .build/fuzz/codecs $(CODEC_SOURCES)
	.build/fuzz/codecs -max_len=20000 -len_control=0 -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 .build/fuzz/corpus

lint: prepare
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	scripts/static-rules

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

models: $(PYTHON)
	$(PYTHON) fixtures/fetch.py

real: build models
	scripts/real $(MMPACK)

bench: build models
	$(PYTHON) -m pip install --quiet numpy==2.4.6 gguf==0.19.0
	$(PYTHON) Benchmarks/run $(MMPACK)

peers: $(PYTHON)
	PYTHON=$(PYTHON) Benchmarks/peers/build-llama .cache/bench/llama

goldens: models
	$(PYTHON) -m pip install --quiet -r fixtures/requirements.txt
	scripts/goldens $(PYTHON)

$(PYTHON):
	@echo "prepare: making .venv for goldens and peers"
	@python3 -m venv .venv

clean:
	rm -rf .build demo
