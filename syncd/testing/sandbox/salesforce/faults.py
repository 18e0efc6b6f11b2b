"""What lines and edges in front of Salesforce answer (salesforce.md, sections 6.1 and 11.12), for `wire.Faulty`.

line.plan(replace(faults.BUSY_503, times=3))
"""

from __future__ import annotations

from syncd.testing.sandbox.wire import Fault, FaultKind

_JSON = {"content-type": "application/json;charset=UTF-8"}
_HTML = {"content-type": "text/html;charset=UTF-8"}
_UNAVAILABLE = b'[{"message":"Server is too busy","errorCode":"SERVER_UNAVAILABLE"}]'

_EXPIRED = b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'

API = r"^/services/data/v"

BUSY_503 = Fault(kind=FaultKind.STATUS, status=503, headers=_JSON, body=_UNAVAILABLE, path=API)
BUSY_503_AFTER = Fault(kind=FaultKind.STATUS_AFTER, status=503, headers=_JSON, body=_UNAVAILABLE, path=API)
SESSION_401 = Fault(kind=FaultKind.STATUS, status=401, headers=_JSON, body=_EXPIRED, path=API)
HTML_401 = Fault(kind=FaultKind.STATUS, status=401, headers=_HTML, body=b"<html>Unauthorized</html>", path=API)
HTML_503 = Fault(kind=FaultKind.STATUS, status=503, headers=_HTML, body=b"<html>Down for maintenance</html>")
EDGE_420 = Fault(kind=FaultKind.STATUS, status=420, headers=_HTML, body=b"<html>Enhance your calm</html>", path=API)
EMPTY_406 = Fault(kind=FaultKind.STATUS, status=406, path=API)
MOVED_302 = Fault(
    kind=FaultKind.STATUS, status=302, headers={"location": "https://elsewhere.my.salesforce.com/"}, path=API
)
