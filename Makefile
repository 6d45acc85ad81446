# make demo | test | check | bench: each sets up .venv first if it is missing or stale.
# make test-vision has an environment of its own, .venv-vision.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# timm imports torchvision, whose wheels on PyPI need the CUDA build of the same torch: 5.6 GB.
VISION := .venv-vision
VISION_PACKAGES := torch==2.14.1 torchvision==0.29.1 pytest hypothesis

.PHONY: demo test test-slow test-vision check campaign bench bench-evidence bench-memory bench-policy bench-zeroshot format descriptions clean

demo: $(STAMP)  ## which of eight labels of indoor scenes to buy; says where its report is
	$(BIN)/tasks run jobs/rooms-quick.yaml
	@echo 'For the commands of the README in this shell: source $(BIN)/activate'

test: $(STAMP)  ## the tests; two at once, each with one thread
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(STAMP)  ## the slow proofs
	$(BIN)/pytest -m slow

test-vision: $(VISION)/.ready  ## what stands on torchvision, timm and transformers
	$(VISION)/bin/python -m pytest tests/vision

check: $(STAMP)  ## lint, format, types, import contract, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m taskspace.registry.descriptions.describe
	$(BIN)/pytest -q tests/docs/test_docs.py

campaign: $(STAMP)  ## kills, damage, lies and shortages drawn from a seed; up to 30 minutes
	PYTHONPATH=$(CURDIR)/tests:$(CURDIR)/tests/cli:$(CURDIR)/tests/installer $(BIN)/python tests/campaign $(CAMPAIGN)

bench: $(STAMP)  ## the performance figures of the README
	$(BIN)/python benchmarks/transfers.py jobs/digits.yaml
	$(BIN)/python benchmarks/transfers.py jobs/rooms-full.yaml --set dataset.size=64 --images 100 --compared 2
	$(BIN)/python benchmarks/rooms.py
	$(BIN)/python benchmarks/tournament.py
	$(BIN)/python benchmarks/multitask.py
	$(BIN)/python benchmarks/gradient_variance.py
	$(BIN)/python benchmarks/discovery.py

bench-evidence: $(STAMP)  ## claims on random labels, and what intervals over seeds cover; 40 minutes
	$(BIN)/python benchmarks/random_labels.py
	$(BIN)/python benchmarks/coverage.py

bench-policy: $(STAMP)  ## policies to proven optimality, the paper's formulation beside ours; 25 minutes
	$(BIN)/python benchmarks/policy.py
	$(BIN)/python benchmarks/policy.py --cases e --seeds 1

bench-zeroshot: $(STAMP)  ## an epoch of a generator at the size of the paper; some minutes
	$(BIN)/python benchmarks/zeroshot.py

bench-memory: $(STAMP)  ## the most memory of 26 tasks on 20,000 images; half an hour on two cores
	$(BIN)/python benchmarks/memory.py

format: $(STAMP)  ## lint and format in place
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

descriptions: $(STAMP)  ## generate the descriptions of the built-ins after changing one
	$(BIN)/python -m taskspace.registry.descriptions.describe --write

clean:  ## remove what make has set up; runs and the store are yours
	rm -rf $(VENV) $(VISION) build *.egg-info

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "taskspace needs Python 3.11 or later; say which with make PYTHON=python3.12")'
	rm -rf build *.egg-info
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

$(VISION)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "taskspace needs Python 3.11 or later; say which with make PYTHON=python3.12")'
	rm -rf build *.egg-info
	$(PYTHON) -m venv --clear $(VISION)
	$(VISION)/bin/python -m pip install --quiet --disable-pip-version-check $(VISION_PACKAGES) --editable '.[timm,huggingface,pretrained,vision,detection]'
	touch $@
