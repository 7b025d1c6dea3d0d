# SPDX-License-Identifier: Apache-2.0
command -v python3 >/dev/null || skip "python3 is not installed"
facesearch models list --json | python3 -c '
import json, sys
for pack in json.load(sys.stdin)["packs"]:
    print(pack["name"], pack["default"], pack["needs_acceptance"], pack["dim"], pack["license"])'
