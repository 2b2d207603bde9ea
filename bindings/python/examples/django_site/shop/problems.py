"""Refusals as problem documents (RFC 9457), whose status says what to do next."""
from typing import Any, Dict, Optional

import holdfast
from rest_framework.response import Response
from rest_framework.views import exception_handler

STATUS = {holdfast.NotFoundError: 404, holdfast.Misuse: 422, holdfast.Rejected: 409,
          holdfast.Retryable: 503, holdfast.Unknown: 500, holdfast.Fatal: 500}


def handler(error: Exception, context: Dict[str, Any]) -> Optional[Response]:
    """What REST framework calls with an exception of a view."""
    if not isinstance(error, holdfast.Error):
        response: Optional[Response] = exception_handler(error, context)
        return response
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    retryable = isinstance(error, (holdfast.Retryable, holdfast.Unknown))
    return Response(
        {"title": error.name, "detail": error.detail, "code": error.code, "retryable": retryable},
        status, headers={"Retry-After": "1"} if retryable else None,
        content_type="application/problem+json")
