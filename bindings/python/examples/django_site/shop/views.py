"""Orders, payments and inventories: lists, reads and writes.

The clients are the shop's own programs, which know the prices and the customers: there is no
authentication here. A POST has the header Idempotency-Key, and in its body the time at which the
client asked first: it is done once, however often it is sent. Sending it again gives the first
answer, of a payment what it is by then.
"""
from datetime import timedelta
from typing import Any
from uuid import UUID

import holdfast
from django.conf import settings
from holdfast import (FactKind, OrderFlags, PaymentBy, PaymentFlags, PaymentMethod, PutMode, item,
                      line, payment)
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from .serializers import (InventorySerializer, OrderDetailSerializer, OrderSerializer,
                          PageSerializer, PaymentPageSerializer, PaymentSerializer)
from .store import hf

UUID_IN_PATH = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PROVIDER = "shop"  # of money that the shop receives itself, in cash or by bank transfer


def checked(serializer: Any, data: Any) -> Any:
    """The fields of what a client sends."""
    found = serializer(data=data)
    found.is_valid(raise_exception=True)
    return found.validated_data


def sent_id(request: Request, given: Any, part: str = "") -> UUID:
    """The id of what the request asks for."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise ValidationError({"Idempotency-Key": ["This header is required."]})
    return holdfast.id_from_key(key + part, given["asked_at"])


def page(rows: Any, serializer: Any, last: Any) -> Response:
    """A page of a list; `next` is the parameter `after` of the page behind it."""
    shown = serializer(rows, many=True).data
    return Response({"next": shown[-1][last] if len(rows) == settings.SHOP_PAGE else None,
                     "results": shown})


class ReceiptUsed(APIException):
    """The money of a receipt was recorded before, otherwise."""

    status_code = 409
    default_detail = "The receipt was recorded with another order or amount."


class InventoryViewSet(ViewSet):
    """What there is of each article. Goods that arrive are posted."""

    lookup_value_regex = "[^/]+"

    def list(self, request: Request) -> Response:
        after = request.query_params.get("after")
        rows = hf().items.list(after=item(after) if after else holdfast.WORLD,
                               limit=settings.SHOP_PAGE).page().rows
        return page(rows, InventorySerializer, "sku")

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(InventorySerializer(hf().items.get(item(pk))).data)

    def create(self, request: Request) -> Response:
        given = checked(InventorySerializer, request.data)
        article = item(given["key"]["name"])
        hf().items.put(article, mode=PutMode.OPEN_IF_ABSENT)
        found = hf().items.receive(given["quantity"], to=article, id=sent_id(request, given))
        return Response(InventorySerializer(found).data, 201)


class OrderViewSet(ViewSet):
    """Orders. One holds its goods until it is paid, or until it expires."""

    lookup_value_regex = UUID_IN_PATH

    def list(self, request: Request) -> Response:
        given = checked(PageSerializer, request.query_params)
        rows = hf().orders.list(limit=settings.SHOP_PAGE, **given).page().rows
        return page(rows, OrderSerializer, "id")

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(OrderDetailSerializer(hf().orders.get(UUID(pk))).data)

    def create(self, request: Request) -> Response:
        given = checked(OrderDetailSerializer, request.data)
        time_to_pay = timedelta(minutes=settings.SHOP_MINUTES_TO_PAY)
        total = sum(one["quantity"] * one["unit_price"] for one in given["lines"])
        due = payment(id=sent_id(request, given, "/payment"), method=PaymentMethod.PROVIDER,
                      provider=PROVIDER, amount=total, flags=PaymentFlags.CAPTURE_ONLY)
        view = hf().orders.place(
            settings.SHOP_CURRENCY, id=sent_id(request, given), customer=given["customer"],
            total=total, deadline=given["asked_at"] + time_to_pay, policy=OrderFlags.REVIVE,
            lines=[line(one["sku"], one["quantity"], unit_price=one["unit_price"])
                   for one in given["lines"]], payments=[due] if total else [])
        return Response(OrderDetailSerializer(view).data, 201)

    def destroy(self, request: Request, pk: str) -> Response:
        return Response(OrderDetailSerializer(hf().orders.cancel(UUID(pk), final=True)).data)


class PaymentViewSet(ViewSet):
    """Payments. Each order has one; money that the shop has received for it is posted.

    What has been received is recorded whatever became of the order: it confirms one that waits for
    it, revives one that has expired when the goods are still there, and else is to be refunded.
    """

    lookup_value_regex = UUID_IN_PATH

    def list(self, request: Request) -> Response:
        given = checked(PaymentPageSerializer, request.query_params)
        by = PaymentBy.ORDER if "order" in given else PaymentBy.ALL
        rows = hf().payments.list(by=by, limit=settings.SHOP_PAGE, **given).page().rows
        return page(rows, PaymentSerializer, "id")

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(PaymentSerializer(hf().payments.get(UUID(pk))).data)

    def create(self, request: Request) -> Response:
        given = checked(PaymentSerializer, request.data)
        due = hf().orders.get(given["order"]).payments
        if not due:
            raise ValidationError({"order": ["The order costs nothing."]})
        fact = hf().payments.report(
            PROVIDER, given["receipt"], settings.SHOP_CURRENCY, payment=due[0].id,
            kind=FactKind.CAPTURED, amount=given["amount"], provider_time=given["asked_at"],
            id=sent_id(request, given))
        if (fact.payment, fact.amount) != (due[0].id, given["amount"]):
            raise ReceiptUsed()
        return Response(PaymentSerializer(hf().payments.get(due[0].id)).data, 201)
