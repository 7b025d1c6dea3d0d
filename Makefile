# SPDX-License-Identifier: Apache-2.0
# Short names for what is done often. `make help` lists them.

PREFIX ?= /usr/local
DESTDIR ?=

.DEFAULT_GOAL := build/facesearch
.PHONY: build/facesearch all help setup demo check soak install clean distclean

build/facesearch all: setup ## set up and build: leaves build/facesearch (this is plain `make`)
	@cmake --preset release $(CMAKE_FLAGS) >build/setup/cmake.log || { cat build/setup/cmake.log; false; }
	@cmake --build --preset release

setup: ## only the set-up: packages, OpenVINO, models, sample photos
	@scripts/setup

demo: all ## build, then search the sample photos: who is where?
	@scripts/demo

check: ## all tests, under 20 minutes on 2 cores
	@scripts/check

soak: ## the tests with the full numbers; takes hours
	@scripts/check --soak

install: all ## install below PREFIX (default /usr/local; DESTDIR is honoured)
	@DESTDIR="$(DESTDIR)" cmake --install build --prefix "$(PREFIX)"

clean: ## remove what was built; what was downloaded stays
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name setup ! -name models \
	    ! -name samples -exec rm -rf {} +; fi

distclean: ## remove the whole build folder
	@rm -rf build

help: ## this list
	@sed -n 's/^\(build.facesearch \)\{0,1\}\([a-z]*\):.*## \(.*\)/  make \2\t\3/p' $(MAKEFILE_LIST)
