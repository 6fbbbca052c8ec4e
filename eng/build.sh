# Sourced by ./gantry, ./test.sh and ./bench.sh: installs what a fresh machine lacks and publishes the programs.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=$root/artifacts/bin
apps=(hello gantry gantryd gantry-runtime gantry-init)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }

# Each argument is COMMAND-or-FILE=DEBIAN-PACKAGE. What is missing is installed, or named.
need() {
  local pair probe missing=()
  for pair in "$@"; do
    probe=${pair%%=*}
    case $probe in
      /*) compgen -G "$probe" >/dev/null || missing+=("${pair#*=}") ;;
      *) command -v "$probe" >/dev/null || missing+=("${pair#*=}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    install_packages "${missing[@]}" || { apt-get update -qq >&2 && install_packages "${missing[@]}"; } || {
      say "could not install ${missing[*]}: see the lines above; then run this again"
      return 1
    }
  else
    say "missing: ${missing[*]}"
    say "install them, on Debian or Ubuntu with: sudo apt-get install ${missing[*]}"
    return 1
  fi
}

# Services of the packages are not started: a test machine's own docker or registry is nobody's business here.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made=""
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=1; fi
  local status=0
  apt-get install -y -qq --no-install-recommends "$@" >&2 || status=$?
  [ -z "$made" ] || rm -f $policy
  return $status
}

need_sdk() {
  command -v dotnet >/dev/null && dotnet --list-sdks | grep -q '^10\.' && return 0
  say "the .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download, then run this again"
  return 1
}

need_to_build() { need gcc=gcc /usr/lib/*/crt1.o=libc6-dev ld.lld=lld; }
need_to_run() { need "/usr/lib/*/libnftables.so.1=libnftables1" "/usr/lib/*/libssl.so.3=libssl3"; }

# True when a program is older than any source.
stale() {
  local app
  for app in "${apps[@]}"; do [ -x "$dist/$app" ] || return 0; done
  [ -n "$(find "$root/src" "$root/apps" "$root/eng" "$root"/Directory.*.props "$root"/Directory.Build.targets -newer "$dist/.published" \
    \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.json' -o -name '*.txt' \) -print -quit 2>/dev/null)" ] || [ ! -e "$dist/.published" ]
}

# Publishes the programs as NativeAOT binaries to artifacts/bin, when needed.
publish_programs() {
  need_sdk && need_to_build && need_to_run || return 1
  stale || return 0
  local app started=$dist/.started log=$root/artifacts/publish.log
  mkdir -p "$dist"
  touch "$started"
  say "building Gantry (a minute or two, once)"
  for app in "${apps[@]}"; do
    say "  $app"
    rm -rf "$root/artifacts/publish/$app"
    dotnet publish "$root/apps/$app" -c Release -p:RunAnalyzers=false -v quiet --nologo -o "$root/artifacts/publish/$app" >"$log" 2>&1 || {
      cat "$log" >&2
      say "building $app failed: the compiler's words are above"
      return 1
    }
    install_outputs "$root/artifacts/publish/$app"
  done
  mv "$started" "$dist/.published"
}

# The binaries and the native libraries beside them; symbols stay where they were published.
install_outputs() {
  local file
  for file in "$1"/*; do
    case $file in *.dbg | *.xml | *.pdb | *.json) continue ;; esac
    # A running program keeps its old file: the new one takes its name.
    cp -p "$file" "$dist/.new" && mv -f "$dist/.new" "$dist/$(basename "$file")"
  done
}
