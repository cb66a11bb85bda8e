"""How the sandbox says no: Telegram's status, Telegram's sentence."""

from typing import Any

JsonObject = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - Telegram's answer, not a fault of the program
    """Becomes `{"ok": false, "error_code": …, "description": …, "parameters": …}` with that HTTP status."""

    def __init__(self, error_code: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.error_code = error_code
        self.description = description
        self.parameters = parameters

    def as_answer(self) -> JsonObject:
        answer: JsonObject = {"ok": False, "error_code": self.error_code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(sentence: str) -> Refusal:
    return Refusal(400, f"Bad Request: {sentence}")


def forbidden(sentence: str) -> Refusal:
    return Refusal(403, f"Forbidden: {sentence}")


def conflict(sentence: str) -> Refusal:
    return Refusal(409, f"Conflict: {sentence}")


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized")


def not_found(sentence: str = "") -> Refusal:
    return Refusal(404, f"Not Found: {sentence}" if sentence else "Not Found")


def too_many_requests(retry_after: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
