#!/usr/bin/env bash
# The sandbox against its documents, by somebody else's reading of them: schemathesis sends what the documents allow and
# what they do not, and holds each answer against them.
#
#   tests/schemathesis.sh [smartcall|hot] [more options for schemathesis]
#
# Needs Python 3. Not part of .ci/run: it fetches packages, and what it sends is its own affair. It installs schemathesis
# into a virtual environment below the target directory, starts a sandbox of this checkout without faults, and stops it.
# Exits with 1 when an answer departs from the documents; what it prints tells how to send that request again.
#
# Checked are: no 5xx (a debug build answers 500 to its own departure from a document), only documented statuses and
# content types, and bodies of their schema. Not checked is that the sandbox refuses all that the documents do not allow:
# the services do not, either.
set -euo pipefail
cd "$(dirname "$0")/.."

services=(smartcall hot)
case "${1-}" in
  smartcall | hot) services=("$1") && shift ;;
esac
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
work=$target/schemathesis
st=${SCHEMATHESIS:-$work/venv/bin/st}
if [ ! -x "$st" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet 'schemathesis>=4.32,<5'
fi
mkdir -p "$work"

cargo build --quiet --package recharge-cli
rm -f "$work/sandbox.json"
"$target/debug/recharge" sandbox --no-five-minute-rule >"$work/sandbox.json" 2>"$work/sandbox.log" &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true' EXIT
until [ -s "$work/sandbox.json" ]; do
  kill -0 $sandbox
  sleep 0.1
done
host=$(sed 's/.*"base_urls":\["\(http:\/\/[^/]*\)\/webservice".*/\1/' "$work/sandbox.json")

# member NAME: the text of a member of the JSON on standard input.
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# run DOCUMENT URL [options]: the checks that hold for all.
run() {
  local document=$1 url=$2
  shift 2
  (cd "$work" && "$st" run "$document" --url "$url" --workers 1 --seed "${SEED:-1}" --max-examples "${EXAMPLES:-25}" \
    --phases examples,coverage,fuzzing --mode all --continue-on-failure \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    "$@") || failed=1
}

failed=0
for service in "${services[@]}"; do
  document=$work/$service.json
  cargo run --quiet --package xtask -- openapi "$service" >"$document"
  # What ends tokens is tried by itself, so that the rest is not answered with 401.
  case $service in
    smartcall)
      url=$host/webservice
      token=$(curl -fsS -X POST -u sandbox:sandbox "$url/auth" | member accessToken)
      run "$document" "$url" -H "Authorization: Bearer $token" --exclude-path /auth --exclude-path /auth/token "$@"
      run "$document" "$url" --include-path /auth --include-path /auth/token -H "Authorization: Basic $(printf sandbox:sandbox | base64)" "$@"
      ;;
    hot)
      url=$host/api/v3
      body='{"AccessCode":"sandbox","Password":"sandbox"}'
      token=$(curl -fsS -H 'Content-Type: application/json' -d "$body" "$url/identity/login" | member token)
      run "$document" "$url" -H "Authorization: Bearer $token" --exclude-path-regex '^/identity/' "$@"
      run "$document" "$url" --include-path-regex '^/identity/' "$@"
      ;;
  esac
done
exit $failed
