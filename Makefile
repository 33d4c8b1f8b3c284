# Front door. `make help` lists the targets. CMake and Ninja do the building; this file sets up the
# machine, runs the programs that are out of date, and draws their figures.

# Settings, given as `make TARGET NAME=VALUE`.
SANITIZE :=
CUDA := auto
JOBS := $(shell nproc)
SETUP := yes

# One build folder for each way to build.
ifeq ($(SANITIZE),)
  configuration := release
  build_type := Release
else
  configuration := $(if $(findstring address,$(SANITIZE)),asan,$(if $(findstring thread,$(SANITIZE)),tsan,$(SANITIZE)))
  build_type := Debug
endif
ifneq ($(origin CXX),default)
  configuration := $(configuration)-$(notdir $(CXX))
  compiler := -DCMAKE_CXX_COMPILER=$(CXX)
endif
BUILD := build/$(configuration)

programs := $(sort $(notdir $(basename $(wildcard theorems/thm_*.cpp))))
all_figures := $(sort $(notdir $(basename $(wildcard plots/fig_*.cpp))))
figures := $(filter $(programs:thm_%=fig_%),$(all_figures))
# Those that draw the committed results of benchmarks, not a program's.
bench_figures := $(filter-out $(figures),$(all_figures))
benchmarks := $(sort $(notdir $(basename $(wildcard tests/bench/bench_*.cpp))))
sources = $(shell find common plots tests theorems -name '*.[ch]pp' -o -name '*.cu')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup build check figures full bench reference format lint clean runs pictures

help: ## list the targets
	@echo "make TARGET [NAME=VALUE ...]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo "Settings:"
	@echo "  SANITIZE=address,undefined | thread   build and test with sanitizers"
	@echo "  CXX=clang++                           another compiler, in a build folder of its own"
	@echo "  CUDA=auto | on | off                  CUDA parts (auto: if nvcc is on PATH); now $(CUDA)"
	@echo "  JOBS=N                                parallel jobs; now $(JOBS)"
	@echo "  BUILD=DIR                             build folder; now $(BUILD)"
	@echo "  SETUP=no                              install no packages"

setup: ## install the Debian packages that are missing
ifeq ($(SETUP),yes)
	@.ci/setup
endif

# The options stand in a file that changes only when they do.
options := -DCMAKE_BUILD_TYPE=$(build_type) -DSANITIZE=$(SANITIZE) -DCUDA=$(CUDA) $(compiler)

build: setup ## build everything but the benchmarks
	@mkdir -p $(BUILD)
	@echo '$(options)' | cmp --silent - $(BUILD)/options || { rm -f $(BUILD)/build.ninja; \
	  echo '$(options)' >$(BUILD)/options; }
	@test -f $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja $(options)
	@cmake --build $(BUILD) --parallel $(JOBS)

# Minutes of plain enumeration, which sanitizers would make an hour.
too_slow_to_sanitize := $(if $(SANITIZE),--exclude-regex slow_order_types)

check: build ## all tests
	@ctest --test-dir $(BUILD) --parallel $(JOBS) --output-on-failure --no-tests=error \
	  $(too_slow_to_sanitize)

# Runs and pictures of one preset; what a refuted or failed program leaves undone does not stop the rest.
define draw
@status=0; \
$(MAKE) --no-print-directory --keep-going pictures preset=$(1) runs=$(2) || status=$$?; \
.ci/verdicts $(2) $(programs) || status=1; \
exit $$status
endef

figures: build ## run the quick presets that are out of date, draw every figure
	$(call draw,quick,data/runs)

full: build ## the same with the full presets, into data/runs/full
	$(call draw,full,data/runs/full)

reference: build ## renew data/reference and the table of paper_figures.md, print what moved
	@$(MAKE) --no-print-directory runs preset=quick runs=data/runs
	@$(MAKE) --no-print-directory runs preset=full runs=data/runs/full
	@for runs in data/runs data/runs/full; do \
	  $(BUILD)/bin/reference renew --runs $$runs --reference data/reference $(programs) || exit; \
	done
	@$(BUILD)/bin/reference table --full data/reference --map paper_figures.md
	@mkdir -p plots/figures
	@for name in $(figures); do $(BUILD)/bin/$$name --runs data/runs/full >/dev/null || exit; done
	@for name in $(bench_figures); do \
	  $(BUILD)/bin/$$name --out data/runs/full/figures >/dev/null || exit; \
	done
	@cp data/runs/full/figures/*.png plots/figures/

bench: build ## run the benchmarks, results to data/bench
	@cmake --build $(BUILD) --parallel $(JOBS) --target benchmarks
	@mkdir -p data/bench
	@for name in $(benchmarks); do \
	  $(BUILD)/bin/$$name --benchmark_out=data/bench/$$name.json --benchmark_out_format=json || exit; \
	done

format: ## lay out all sources with clang-format
	@.ci/setup lint
	@clang-format -i $(sources)

lint: build ## check layout, clang-tidy, shellcheck
	@.ci/setup lint
	@clang-format --dry-run -Werror $(sources)
	@shellcheck .ci/run .ci/setup .ci/verdicts
	@run-clang-tidy -quiet -p $(BUILD) -j $(JOBS) -extra-arg=-Wno-unknown-warning-option \
	  '/(common|plots|tests|theorems)/.*\.cpp$$'

clean: ## remove the build folders (results in data/runs stay)
	rm -rf build

# What `draw` makes: a record per program and per figure under $(runs)/.made. It is older than the
# binary when that was built anew, and older than verdict.json when someone has run the program by hand.
run_records := $(programs:%=$(runs)/.made/%)
figure_records := $(figures:%=$(runs)/.made/%)
bench_figure_records := $(bench_figures:%=$(runs)/.made/%)

runs: $(run_records)
	@:
pictures: $(run_records) $(figure_records) $(bench_figure_records)
	@:

# Exit codes 1 and 3 are verdicts; the record holds the code. Others are failures and leave no record.
$(run_records): $(runs)/.made/%: $(BUILD)/bin/% $(runs)/%/verdict.json
	@mkdir -p $(@D) && rm -f $@
	@echo "== $* --preset $(preset)"
	@$< --preset $(preset) --device cpu --out $(runs); status=$$?; \
	case $$status in 0|1|3) echo $$status >$@ ;; *) exit $$status ;; esac

# A missing verdict.json counts as new, so that its program runs.
$(programs:%=$(runs)/%/verdict.json): ;

# The record lists the pictures; when one is gone, they are drawn again.
$(figure_records): $(runs)/.made/fig_%: $(BUILD)/bin/fig_% $(runs)/.made/thm_%
	@echo "== fig_$*"
	@$< --runs $(runs) --out $(runs)/figures >$@.new && mv $@.new $@ && cat $@

$(bench_figure_records): $(runs)/.made/%: $(BUILD)/bin/% $(wildcard data/bench/*.json)
	@mkdir -p $(@D)
	@echo "== $*"
	@$< --bench data/bench --out $(runs)/figures >$@.new && mv $@.new $@ && cat $@

incomplete := $(shell for record in $(wildcard $(figure_records) $(bench_figure_records)); do \
  while read -r picture; do test -e "$$picture" || echo $$record; done <$$record; done)
$(sort $(incomplete)): redraw
.PHONY: redraw
redraw: ;
