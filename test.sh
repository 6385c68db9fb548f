#!/usr/bin/env bash
# Builds everything and runs every test project.
#
#   ./test.sh                   run
#   ALLOW_MISSING=1 ./test.sh   a suite whose packages the NuGet feed does not have is left out by name
#
# Every package that the project refers to is an ordinary dependency, so a suite that cannot be restored is a failure. Under
# ALLOW_MISSING=1 it is left out when the feed itself says that it has no such package (NU1101) or no such version (NU1102), and
# counts as one skipped. So does, in any case, the Torch suite where this system's libstdc++ is too old for TorchSharp's native
# library. Any other restore or build error, a test host that crashes and a suite without tests are failures. The last line is
# "N passed, N failed, N skipped"; the exit status is 1 when something failed or nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 VSLANG=1033
export MSBUILDDISABLENODEREUSE=1 MSBUILDTERMINALLOGGER=off
configuration=Release
hang_limit=${TEST_HANG_LIMIT:-8m} # a single test that takes longer is stopped and named

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
log=$work/log
passed=0 failed=0 skipped=0
declare -A missing=() # project -> packages that the feed does not have

say() { printf '%s\n' "$*"; }

fail() { # message
  say "FAILED: $1"
  failed=$((failed + 1))
}

# The errors in the log of a command, one a line.
errors() { grep -E '(^|[^[:alnum:]_])error( [[:alpha:]]+[0-9]+)? ?:' "$log"; }

# Whether the log holds errors and all of them say that the feed has no such package or version.
only_missing_packages() {
  errors | grep -qE 'error NU110[12]:' && ! errors | grep -qvE 'error NU110[12]:'
}

# "Package with version (>= 1.2.3)", once each, separated by commas.
missing_packages() {
  sed -nE 's/.*error NU110[12]: Unable to find package ([^ ]+)( with version \([^)]*\))?.*/\1\2/p' "$log" |
    sed -E 's/\.$//' | sort -u | paste -sd, - | sed 's/,/, /g'
}

# Restores a project. Status 0: done; 1: failed and counted; 2: packages missing, named in missing[project].
restore() { # project
  if dotnet restore "$1" >"$log" 2>&1; then return 0; fi
  if only_missing_packages; then
    missing[$1]=$(missing_packages)
    return 2
  fi
  cat "$log"
  fail "$1: restore"
  return 1
}

# Builds a restored project. Status 1: failed and counted.
build() { # project
  if dotnet build "$1" -c "$configuration" --no-restore >"$log" 2>&1; then return 0; fi
  cat "$log"
  fail "$1: build"
  return 1
}

# Sum of a counter over the result files of a folder.
counter() { # folder name
  local sum=0 value
  while read -r value; do sum=$((sum + value)); done < <(
    find "$1" -name '*.trx' -exec grep -hoE '<Counters [^>]*>' {} + | sed -nE "s/.* $2=\"([0-9]+)\".*/\1/p"
  )
  echo "$sum"
}

run_tests() { # project
  local results status total good bad
  results=$(mktemp -d "$work/results.XXXXXX")
  dotnet test "$1" -c "$configuration" --no-build --logger trx --results-directory "$results" \
    --blame-hang --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  total=$(counter "$results" total)
  good=$(counter "$results" passed)
  bad=$(($(counter "$results" failed) + $(counter "$results" error) + $(counter "$results" timeout) + $(counter "$results" aborted)))
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + total - good - bad))
  if grep -qE '^(The active test run was aborted|Test Run Aborted)' "$log"; then
    fail "$1: the test run was aborted"
  elif ((total == 0)); then
    fail "$1: no test ran"
  elif ((status != 0 && bad == 0)); then
    fail "$1: dotnet test ended with status $status"
  fi
}

# Whether the native library of a Torch test project finds all versions of symbols that it must have in this system's C++ library (it may do
# without those that ldd calls weak). Status 1: no, and too_old is set.
native_library_loads() { # project
  local library
  library=$(find "$(dirname "$1")/bin/$configuration" -path '*linux-x64*' -name libLibTorchSharp.so 2>/dev/null | head -n 1)
  [[ -z $library || $(uname -s) != Linux ]] && return 0
  too_old=$(ldd "$library" 2>&1 | sed -nE 's/.*: version `([A-Z]+_[0-9.]+)'"'"' not found.*/\1/p' | sort -uV | paste -sd, -)
  [[ -z $too_old ]]
}

suite() { # project
  say "== $1"
  restore "$1"
  case $? in
    0)
      build "$1" || return
      if native_library_loads "$1"; then
        run_tests "$1"
      else
        say "LEFT OUT: $1: this system's libstdc++ lacks $too_old, which TorchSharp's native library needs (GCC 13's has it)"
        missing[$1]="$too_old in this system's libstdc++"
        skipped=$((skipped + 1))
      fi
      ;;
    2)
      if [[ ${ALLOW_MISSING:-0} != 1 ]]; then
        fail "$1: the feed lacks ${missing[$1]} (ALLOW_MISSING=1 leaves such suites out)"
      else
        say "LEFT OUT: $1: the feed lacks ${missing[$1]}"
        skipped=$((skipped + 1))
      fi
      ;;
  esac
}

# What has no tests but must compile: neither passed nor skipped, but an error in it is a failure.
compile() { # project or solution
  say "== $1"
  restore "$1"
  case $? in
    0) build "$1" ;;
    2)
      if [[ ${ALLOW_MISSING:-0} != 1 ]]; then
        fail "$1: the feed lacks ${missing[$1]}"
      else
        say "NOT BUILT: $1: the feed lacks ${missing[$1]}"
      fi
      ;;
  esac
}

shopt -s nullglob
command -v dotnet >/dev/null || { say "The .NET SDK (dotnet) is not installed."; fail "no SDK"; }
if ((failed == 0)); then
  compile EntropyElbo.slnf
  for project in tests/*Tests/*Tests.csproj; do suite "$project"; done
  for project in examples/*/*.csproj; do compile "$project"; done
fi

say ""
for project in "${!missing[@]}"; do say "Left out: $project lacks ${missing[$project]}"; done | sort
ran=$((passed + failed))
if ((ran == 0)); then say "Nothing was tested."; fi
say "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && ran > 0))
