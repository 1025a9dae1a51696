# make demo [PHOTO=photo.jpg] [BACKGROUND=picture.jpg]   matte a photo, write alpha, cut-out, background, depth of field
# make test                                              run the tests
# make test-fast                                         the tests that take less than two minutes together
# make fuzz [N=20000] [SEED=1] [JOBS=1]                  damage N files at random; nothing may crash, hang or print
# make killed-runs                                       kill and resume a run over 2,000 photos ten times, a job 20 times
# make cluster-test                                     jobs from and to object stores, and on Ray (fetches Ray and pyarrow once)
# make scale-test [SECONDS=60] [PHOTOS=2000]             measure pspm serve under 64 callers and hostile ones, and long jobs
# make hosts-check                                       run PSPM in rembg and transformers.js, from PyPI and npm
# make image-check                                       run the steps of the Dockerfile without docker (needs root)
# make check                                             format, lint, types, import rules
# make constants                                         write the constants of the stages, for every language
# make docs                                              build the documentation site into build/site, warnings are errors
# make install-check                                     a plain install works and stays small
# make web                                               build the web demo and serve it on this machine
# make web-test                                          test it in Debian's chromium
# make web-engines                                       measure the engines that it could run on
# make web-gaps [MEGAPIXELS=48]                          measure for how long the page does not react to a large photo
# make ios                                               check the iOS demo off Apple's systems (fetches Swift once)
# make ios-model                                         put the model into the iOS demo, before Xcode opens it
# make android                                           Android library, tests, signed APK (android_demo/README.md)
# make android-assets, android-arm64, android-speed, android-lint   its parts

UV := $(shell command -v uv || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
PHOTO ?= runtime/pspm_runtime/sample/astronaut.jpg
BACKGROUND ?= examples/hubble.jpg
OUT ?= out
IOS_MODEL := ios_demo/PortraitMatting/Sources/PortraitMatting/Model

.PHONY: cluster-test ios ios-model constants demo test test-fast fuzz killed-runs scale-test image-check hosts-check docs check install install-dev install-check clean web web-build web-test web-engines web-gaps android android-assets android-arm64 android-speed android-lint

demo: install
	$(RUN) pspm alpha "$(PHOTO)" -o $(OUT)/alpha.png --force
	$(RUN) pspm cutout "$(PHOTO)" -o $(OUT)/cutout.png --force
	$(RUN) pspm background "$(PHOTO)" --with "$(BACKGROUND)" -o $(OUT)/background.jpg --force
	$(RUN) pspm blur "$(PHOTO)" --strength 0.6 -o $(OUT)/blur.jpg --force
	@echo "look at alpha.png, cutout.png, background.jpg and blur.jpg in $(OUT)/"

# In processes of one thread each, a file of tests at a time, so that what a file prepares is prepared once.
test: install-dev
	OMP_NUM_THREADS=1 $(RUN) pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# What is marked slow trains, exports, or starts other programs. The folders left out take long to import alone.
test-fast: install-dev
	OMP_NUM_THREADS=1 $(RUN) pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		-m "not slow and not exhaustive" --ignore tests/pspm/training --ignore tests/pspm/evaluation/test_evaluate.py \
		tests/runtime tests/pspm

N ?= 20000
SEED ?= 1
JOBS ?= 1
fuzz: install-dev
	$(RUN) python -m tests.fuzz --count $(N) --seed $(SEED) --jobs $(JOBS) --found build/fuzz

killed-runs: install-dev
	PSPM_KILLED_RUNS_PHOTOS=2000 PSPM_KILLED_RUNS_KILLS=10 OMP_NUM_THREADS=1 \
		$(RUN) pytest -s tests/runtime/command/test_killed_runs.py
	PSPM_KILLED_RUNS_PHOTOS=400 PSPM_KILLED_RUNS_KILLS=20 OMP_NUM_THREADS=1 \
		$(RUN) pytest -s tests/runtime/command/job/test_killed_jobs.py

# In an environment of its own. The options leave out the settings of the other tests, which need torch.
cluster-test: $(UV)
	UV_PROJECT_ENVIRONMENT=build/cluster $(UV) sync --frozen --quiet --extra cluster --group cluster-test
	OMP_NUM_THREADS=1 build/cluster/bin/python -m pytest --confcutdir tests/runtime tests/runtime/command/job -m ""

SECONDS ?= 60
PHOTOS ?= 2000
scale-test: install-dev
	OMP_NUM_THREADS=1 $(RUN) python -m tests.scale --seconds $(SECONDS) --photos $(PHOTOS)
	OMP_NUM_THREADS=1 $(RUN) python -m tests.scale.jobs

hosts-check: install-dev
	.ci/hosts_check $(UV)

image-check:
	.ci/image_check

docs: install-dev
	NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict --quiet

check: install-dev
	$(UV) lock --check --quiet
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) lint-imports

# The script imports nothing of the package, whose modules need the constants.
constants: install-dev
	$(RUN) python runtime/pspm_runtime/spec/constants_files.py

install: $(UV)
	$(UV) sync --frozen --inexact --quiet

install-dev: $(UV)
	$(UV) sync --frozen --extra dev --quiet

.uv/bin/uv:
	python3 .ci/get_uv.py .uv

install-check: install-dev
	.ci/package_check $(UV)

NODE := .ci/with_node $(UV)
WEB := web_demo
WEB_BUNDLES := $(WEB)/models/photo/manifest.json $(WEB)/models/live/manifest.json

web: web-build
	$(NODE) npm --prefix $(WEB) run serve

web-build: $(WEB)/node_modules/.package-lock.json $(WEB_BUNDLES)
	$(RUN) python $(WEB)/scripts/icons.py $(WEB)/public/icons
	$(NODE) npm --prefix $(WEB) run build

web-test: web-build
	@.ci/can_run web-test
	$(RUN) python $(WEB)/tests/reference.py $(WEB)/models/photo $(WEB)/build
	$(RUN) pspm vectors -o $(WEB)/build/vectors
	$(NODE) npm --prefix $(WEB) test

web-engines: $(WEB)/node_modules/.package-lock.json $(WEB_BUNDLES)
	$(RUN) pspm export --model mobile --precision fp32 -o $(WEB)/models/onnx
	$(NODE) node $(WEB)/scripts/engines.mjs

MEGAPIXELS ?= 48
web-gaps: web-build
	$(NODE) node $(WEB)/scripts/gaps.mjs $(MEGAPIXELS)

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json $(UV)
	$(NODE) npm --prefix $(WEB) ci --no-fund --no-audit

# Exporting takes a minute for each, so it is done once for the weights that ship.
$(WEB)/models/photo/manifest.json: runtime/pspm_runtime/weights/mobile/manifest.json | install-dev
	$(RUN) pspm export --model mobile --format tflite --size 512 -o $(@D)

$(WEB)/models/live/manifest.json: runtime/pspm_runtime/weights/mobile/manifest.json | install-dev
	$(RUN) pspm export --model mobile --format tflite --size 256 -o $(@D)

ios: ios-model
	ios_demo/check

IOS_ICON := ios_demo/Demo/Assets.xcassets/AppIcon.appiconset/icon-1024.png

ios-model: $(IOS_MODEL)/manifest.json $(IOS_ICON)

$(IOS_ICON): $(WEB)/scripts/icons.py | install-dev
	$(RUN) python $(WEB)/scripts/icons.py $(@D) --iphone

$(IOS_MODEL)/manifest.json: runtime/pspm_runtime/weights/mobile/manifest.json | install-dev
	$(RUN) pspm export --model mobile --format coreml --precision fp16 --size 512 -o $(IOS_MODEL)

android: install-dev android-lint
	android_demo/tools/build.sh

android-assets: install-dev
	android_demo/tools/assets.sh

android-arm64:
	android_demo/tools/arm64.sh

android-speed:
	android_demo/tools/speed.sh

android-lint:
	android_demo/tools/fetch.sh
	android_demo/tools/lint.sh

clean:
	rm -rf .venv .uv .node build dist out $(WEB)/node_modules $(WEB)/models $(WEB)/dist $(WEB)/build ios_demo/.build $(IOS_MODEL)/*.*
