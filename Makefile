# make install | train | test | test-slow | lint: each makes .venv and installs into it when it is not there.
# make datasets3-env: .venv-datasets3, in which test-slow runs the builders as loading scripts of datasets 3.
# make space: the page that runs the encoder in the browser (FROM: folder of a joint model, RECORDING: a CSV for its example).
# make browser: chromium, in which its tests open it, where there is none (Debian).
# make pose-env: .venv-pose, in which BlazePose finds poses in videos. make fimad-demo: FiMAD from a few real videos.
# make release: the joint model, of mujo/ and the published text encoder. Before, with FROM=outputs/mujo a new release in
# mujo/, with CLASSIFIER=outputs/har a new classifier.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
OUTPUT := outputs/mujo
POSE_VENV := .venv-pose
DEMO := outputs/fimad-demo
DATASETS3_VENV := .venv-datasets3
FROM := outputs/mujo/joint
RECORDING :=

.PHONY: space space-packages browser install datasets3-env pose-env train test test-slow lint release clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[train,dev]"
	touch $@

datasets3-env: $(DATASETS3_VENV)/.installed

$(DATASETS3_VENV)/.installed: requirements-datasets3.txt
	$(PYTHON) -m venv $(DATASETS3_VENV)
	$(DATASETS3_VENV)/bin/python -m pip install --quiet --requirement requirements-datasets3.txt
	touch $@

pose-env: $(POSE_VENV)/.installed

$(POSE_VENV)/.installed: requirements-pose.txt
	$(PYTHON) -m venv $(POSE_VENV)
	$(POSE_VENV)/bin/python -m pip install --quiet --requirement requirements-pose.txt
	touch $@

fimad-demo: $(INSTALLED) $(POSE_VENV)/.installed
	$(BIN)/python -m pip download --quiet --no-deps --dest $(DEMO)/wheels sports2d==0.8.34 pose2sim==0.10.49
	$(BIN)/python examples/fimad_demo.py $(DEMO)/wheels/*.whl --output $(DEMO)

space: OUTPUT := outputs/space
space: $(INSTALLED) space-packages
	$(BIN)/python -m publishing.space --from $(FROM) --output $(OUTPUT) $(if $(RECORDING),--recording $(RECORDING))

space-packages: space/node_modules/.installed

space/node_modules/.installed: space/package.json space/package-lock.json
	npm ci --prefix space --ignore-scripts --no-audit --no-fund --loglevel error
	touch $@

browser:
	command -v chromium || (apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 chromium fonts-dejavu-core)

train: $(INSTALLED)
	$(BIN)/accelerate launch --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no train.py --output_dir $(OUTPUT)
	$(BIN)/python examples/embed_recording.py $(OUTPUT)/imu-encoder

test: $(INSTALLED)
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(INSTALLED)
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m slow

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

release: $(INSTALLED)
	$(BIN)/python -m publishing.release $(if $(filter command,$(origin FROM)),--from $(FROM)) $(if $(CLASSIFIER),--classifier $(CLASSIFIER))

clean:
	rm -rf $(VENV) $(POSE_VENV) $(DATASETS3_VENV) outputs
