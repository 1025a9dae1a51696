# make demo [PHOTO=photo.jpg] [BACKGROUND=picture.jpg]   matte a photo, write alpha, cut-out, background, depth of field
# make test                                              run the tests
# make check                                             format, lint, types, import rules
# make install-check                                     a plain install works and stays small

UV := $(shell command -v uv || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
PHOTO ?= runtime/pspm_runtime/sample/astronaut.jpg
BACKGROUND ?= examples/hubble.jpg
OUT ?= out

.PHONY: demo test check install install-dev install-check clean

demo: install
	$(RUN) pspm alpha "$(PHOTO)" -o $(OUT)/alpha.png --force
	$(RUN) pspm cutout "$(PHOTO)" -o $(OUT)/cutout.png --force
	$(RUN) pspm background "$(PHOTO)" --with "$(BACKGROUND)" -o $(OUT)/background.jpg --force
	$(RUN) pspm blur "$(PHOTO)" --strength 0.6 -o $(OUT)/blur.jpg --force
	@echo "look at alpha.png, cutout.png, background.jpg and blur.jpg in $(OUT)/"

test: install-dev
	$(RUN) pytest

check: install-dev
	$(UV) lock --check --quiet
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) lint-imports

install: $(UV)
	$(UV) sync --frozen --inexact --quiet

install-dev: $(UV)
	$(UV) sync --frozen --extra dev --quiet

.uv/bin/uv:
	python3 .ci/get_uv.py .uv

install-check: $(UV)
	.ci/plain_install $(UV)

clean:
	rm -rf .venv .uv out
