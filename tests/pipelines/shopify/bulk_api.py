"""Bulk operations on loopback: each submission plays a scripted course of states, its result is served as a file."""

from dataclasses import dataclass, field
from typing import Any

from tests.pipelines.shopify.loopback import Request, Response

RESULT = b'{"id":"gid:\\/\\/shopify\\/Order\\/1"}\n{"id":"gid:\\/\\/shopify\\/Order\\/2"}\n'
GOOD = ("CREATED", "RUNNING", "COMPLETED")


@dataclass
class Operation:
    number: int
    text: str
    kind: str
    course: list[str]  # states to come; the last one stays
    error_code: str | None = None
    result: bytes | None = RESULT
    file: str = ""
    count: int = 0

    @property
    def id(self) -> str:
        return f"gid://shopify/BulkOperation/{self.number}"

    def node(self, origin: str) -> dict[str, Any]:
        done = self.course[0] == "COMPLETED"
        lines = (self.result or b"").count(b"\n") if done else self.count
        return {
            "id": self.id,
            "status": self.course[0],
            "type": self.kind.upper(),
            "errorCode": self.error_code if self.course[0] == "FAILED" else None,
            "createdAt": "2026-10-01T00:00:00Z",
            "completedAt": "2026-10-01T00:00:01Z" if done else None,
            "objectCount": str(lines),
            "rootObjectCount": str(lines),
            "fileSize": str(len(self.result)) if done and self.result else None,
            "url": f"{origin}/{self.file or f'results/{self.number}'}" if done and self.result else None,
            "partialDataUrl": None,
            "query": self.text,
        }


@dataclass
class BulkApi:
    """Plays `courses` for the submissions, one after the other; `slots` counts all operations that are not over."""

    courses: list[tuple[str, ...]] = field(default_factory=list)
    slots: int = 5
    lose_replies: int = 0
    origin: str = ""
    operations: list[Operation] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    polls: int = 0
    busiest: int = 0
    submissions: int = 0
    uploads: list[bytes] = field(default_factory=list)
    grows: bool = False

    async def __call__(self, request: Request) -> Response:
        self.origin = f"http://{request.headers['host']}"
        if request.path.startswith("/results/"):
            operation = self.operations[int(request.path.rsplit("/", 1)[1]) - 1]
            assert "x-shopify-access-token" not in request.headers
            return Response(operation.result or b"")
        if request.path == "/upload":
            assert "x-shopify-access-token" not in request.headers
            self.uploads.append(request.body)
            return Response(b"<PostResponse/>", status=201)
        if "/admin/api/" not in request.path:
            return Response(status=404)
        document, variables = request.json["query"], request.json["variables"]
        root = next(name for name in _ROOTS if f"{name}(" in document)
        return getattr(self, f"_{root}")(variables)

    def _bulkOperationRunQuery(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        return self._run("query", variables["query"], "bulkOperationRunQuery")

    def _bulkOperationRunMutation(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        assert variables["path"] == "tmp/1/vars.jsonl"
        return self._run("mutation", variables["mutation"], "bulkOperationRunMutation")

    def _run(self, kind: str, text: str, root: str) -> Response:
        self.submissions += 1
        under_way = [one for one in self.operations if one.course[0] in ("CREATED", "RUNNING", "CANCELING")]
        if len(under_way) >= self.slots:
            for one in under_way:
                self._step(one)
            message = f"A bulk {kind} operation for this app and shop is already in progress: {under_way[0].id}."
            return self._payload(root, None, [{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}])
        if "nodes" in text:
            message = "All connection fields in a bulk query must select their contents using 'edges' > 'node'."
            return self._payload(root, None, [{"field": ["query"], "message": message, "code": "INVALID"}])
        course = self.courses.pop(0) if self.courses else GOOD
        operation = Operation(len(self.operations) + 1, text, kind, list(course))
        if ":" in operation.course[-1]:
            operation.course[-1], operation.error_code = operation.course[-1].split(":")
        self.operations.append(operation)
        self.busiest = max(self.busiest, len(under_way) + 1)
        if self.lose_replies:
            self.lose_replies -= 1
            return Response(drop=True)
        return self._payload(root, operation, [])

    def _bulkOperation(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        self.polls += 1
        operation = self._known(variables["id"])
        if operation is not None:
            self._step(operation)
            operation.count += self.grows
        return Response({"data": {"bulkOperation": operation.node(self.origin) if operation else None}})

    def _bulkOperations(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        nodes = [one.node(self.origin) for one in reversed(self.operations)]
        return Response({"data": {"bulkOperations": {"nodes": nodes}}})

    def _bulkOperationCancel(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        operation = self._known(variables["id"])
        assert operation is not None
        self.cancelled.append(operation.id)
        operation.course = ["CANCELING", "CANCELED"]
        payload = {"bulkOperation": {"id": operation.id, "status": "CANCELING"}, "userErrors": []}
        return Response({"data": {"bulkOperationCancel": payload}})

    def _stagedUploadsCreate(self, variables: dict[str, Any]) -> Response:  # noqa: N802
        parameters = [{"name": "Content-Type", "value": "text/jsonl"}, {"name": "key", "value": "tmp/1/vars.jsonl"}]
        target = {"url": f"{self.origin}/upload", "parameters": parameters}
        return Response({"data": {"stagedUploadsCreate": {"stagedTargets": [target], "userErrors": []}}})

    def _known(self, operation_id: str) -> Operation | None:
        return next((one for one in self.operations if one.id == operation_id), None)

    def _step(self, operation: Operation) -> None:
        if len(operation.course) > 1:
            operation.course.pop(0)

    def _payload(self, root: str, operation: Operation | None, errors: list[dict[str, Any]]) -> Response:
        node = operation.node(self.origin) if operation else None
        return Response({"data": {root: {"bulkOperation": node, "userErrors": errors}}})


_ROOTS = (
    "bulkOperationRunQuery",
    "bulkOperationRunMutation",
    "bulkOperationCancel",
    "bulkOperations",
    "bulkOperation",
    "stagedUploadsCreate",
)
