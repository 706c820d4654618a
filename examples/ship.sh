#!/usr/bin/env bash
# Ships an item: from idea to live with a health check, and what happens when that fails.
# Run it from the folder of Throughline: examples/ship.sh [DATABASE]
set -euo pipefail

export PIPELINE_DB=${1:-$(mktemp -d)/pipeline.db} PIPELINE_ACTOR=agent:shipper
pipeline() { node "$(dirname "$0")/../tools/db.js" pipeline "$@"; }

# What production is, in this example: a file that is there, or not.
feature=$(dirname "$PIPELINE_DB")/feature
touch "$feature"

id=$(pipeline create "Invoice extractor" --priority 1 --quiet)
for stage in spec spec-review building qa final-review done; do pipeline move "$id" "$stage"; done
pipeline update "$id" --health-check \
  "{\"type\":\"command\",\"command\":[\"test\",\"-f\",\"$feature\"],\"expect\":\"exit_code:0\",\"frequency\":\"hourly\",\"retries\":0}"
pipeline move "$id" live --note "Shipped to production"

pipeline check "$id"

# Production breaks: the check opens an incident as a child of the feature. `check` ends with 7 then.
rm "$feature"
pipeline check "$id" || echo "check ended with $?"
pipeline list --parent "$id"

# Production is mended: the incident resolves itself.
touch "$feature"
pipeline check "$id"
pipeline show "$id" --children
