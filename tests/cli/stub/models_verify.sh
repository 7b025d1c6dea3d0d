# SPDX-License-Identifier: Apache-2.0
try facesearch models verify
try facesearch models verify packs/stub --json
mkdir packs/empty
try facesearch models verify packs/stub packs/empty packs/missing
